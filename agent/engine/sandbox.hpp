// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/engine/cgroup.hpp"
#include "agent/engine/engine.hpp"
#include "agent/engine/folders.hpp"
#include "agent/os/unique_fd.hpp"
#include "agent/sandbox/client.hpp"

namespace podsd::engine {

/// One pod's sandbox and the containers in it. Every asynchronous answer holds it weakly.
class Sandbox : public std::enable_shared_from_this<Sandbox> {
 public:
  Sandbox(Context& context, SandboxSpec spec)
      : context_(context),
        spec_(std::move(spec)),
        folders_(context.paths, spec_.id),
        slice_cgroup_(slice_cgroup(spec_.id)) {}

  /// See Engine::run_sandbox.
  void run(units::Done<void> done);
  /// See Engine::attach_sandbox.
  [[nodiscard]] Result<void> attach(
      const std::vector<KnownContainer>& containers,
      std::function<void(const KnownContainer&, Result<ContainerInfo>)> resumed);

  /// Ends it; nobody is told.
  void forget();

  [[nodiscard]] Context& context() { return context_; }
  [[nodiscard]] const Folders& folders() const { return folders_; }
  [[nodiscard]] const SandboxSpec& spec() const { return spec_; }
  [[nodiscard]] sandbox::Client& client() { return *client_; }
  [[nodiscard]] bool alive() const { return client_ != nullptr && !stopping_; }
  [[nodiscard]] std::vector<std::string> live_scopes() const;
  /// The program that makes this pod's containers and its global options, for one of them. Errors: podsd.yaml
  /// has no runtime of that name.
  [[nodiscard]] Result<std::vector<std::string>> runtime_command(const std::string& container,
                                                                 const std::filesystem::path& log) const;

  /// Calls `ended` when the child of that pid (the sandbox's view) exits; an exit that came earlier is found
  /// too.
  void await_child(int pid, std::function<void(int wait_status)> ended);
  /// A container's first process, from now on: its end is told to the engine's client, never before
  /// this returns. `controlled`: its scope was started on this bus connection, so that PID 1 asks the agent
  /// before it stops it.
  void adopt(const KnownContainer& container, bool controlled);
  /// The bus connection was replaced: PID 1 has forgotten the controller of every scope.
  void lose_control();
  /// See Engine::signal_container.
  [[nodiscard]] Result<void> signal(const std::string& container) const;
  /// See Engine::open_root.
  [[nodiscard]] Result<ContainerRoot> open_root(const std::string& container) const;
  /// See Engine::exec.
  void exec(ExecSpec spec, ExecDone done);
  /// See Engine::attach.
  void attach_session(AttachSpec spec, const AttachDone& done);

 private:
  struct Live {
    KnownContainer container;
    UniqueFd pidfd;
    std::uint64_t oom_accounted = 0;  ///< of the scope's oom_kill count
    bool controlled = true;           ///< Controller= of its scope is this agent's connection
  };

  /// An exit while its story is put together.
  struct Ending {
    sandbox::Exit exit;
    KnownContainer container;
    policies::ExitFacts facts;
    bool controlled = true;
    bool stopped = false;
  };

  /// Of a container that runs; else empty.
  [[nodiscard]] std::string scope_of(const std::string& container) const;
  void exec_started(const std::filesystem::path& files, const std::shared_ptr<ExecSpec>& spec,
                    int runtime_status, const ExecDone& done);
  void connect_network();
  void network_made(const Result<void>& result);
  [[nodiscard]] Result<void> write_files() const;
  void ended_while_made();
  void run_ended(const Result<void>& result);
  [[nodiscard]] Result<void> take_ids();
  [[nodiscard]] Result<void> give_ids_back();
  void start_slice();
  void start_scope(int pid, bool again);
  void give_up(const Error& error);
  void kill();
  [[nodiscard]] Result<void> connect();
  void watch_life(int pidfd);
  void exited(const sandbox::Exit& exit);
  void container_ended(const sandbox::Exit& exit, Live live);
  void ask_result(const std::shared_ptr<Ending>& ending);
  void ask_whether_stopped(const std::shared_ptr<Ending>& ending);
  void tell(const Ending& ending);
  [[nodiscard]] std::uint64_t own_slice_oom_kills();
  void resume_start(const KnownContainer& container,
                    std::function<void(const KnownContainer&, Result<ContainerInfo>)> resumed);
  [[nodiscard]] std::string scope_cgroup(const std::string& scope) const {
    return slice_cgroup_ + "/" + scope;
  }

  Context& context_;
  SandboxSpec spec_;
  Folders folders_;
  std::string slice_cgroup_;
  bool stopping_ = false;
  units::Done<void> running_;  ///< while run() is under way
  bool connecting_ = false;    ///< its network is being made
  bool ended_early_ = false;   ///< it ended meanwhile
  int pid_ = 0;
  std::unique_ptr<sandbox::Client> client_;
  /// The sandbox's pidfd, readable once it has ended. Watched even after this object's end: the process is to
  /// be reaped.
  std::shared_ptr<boost::asio::posix::stream_descriptor> life_;
  std::map<int, Live> live_;  ///< by the init's pid in the sandbox's view
  std::map<int, std::function<void(int)>> awaited_;
  std::map<int, sandbox::Exit> unclaimed_;  ///< exits of children that nobody asked for yet
  std::uint64_t slice_oom_seen_ = 0;
  std::uint64_t execs_ = 0;  ///< numbers their files
};

/// Tells the journal which properties of a unit were left out.
void warn_dropped(const std::string& unit, const std::vector<std::string>& properties);

}  // namespace podsd::engine
