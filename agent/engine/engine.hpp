// SPDX-License-Identifier: Apache-2.0
// agent/engine offers the CRI's verbs as plain C++: run, stop, remove a sandbox; start, signal, kill a
// container. It knows units, bundles, mounts and processes, and must never know restart policies, probes or
// manifests: its clients do.
#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/engine/filters.hpp"
#include "agent/engine/id_ranges.hpp"
#include "agent/engine/oom_watch.hpp"
#include "agent/engine/pulls.hpp"
#include "agent/engine/types.hpp"
#include "agent/image/store.hpp"
#include "agent/network/pod_networks.hpp"
#include "units/systemd.hpp"

namespace podsd::engine {

class Sandbox;
class Start;

/// What the engine tells its client. Called from the loop, never from inside a call of the engine.
struct Events {
  /// A container's first process has ended. `recorded` must be called once the client has kept it: only then
  /// may the sandbox forget it. An agent that dies before is told again.
  std::function<void(const ContainerExit&, const std::function<void()>& recorded)> exited;
  /// A sandbox ended that nobody had asked to stop.
  std::function<void(const std::string& sandbox)> lost;
};

/// What every part of the engine shares.
struct Context {
  boost::asio::io_context& io;
  units::Systemd& systemd;
  image::Store& images;
  network::PodNetworks& networks;
  Filters filters;
  Paths paths;
  Runtimes runtimes;
  Events events;
  OomWatch oom;
  IdRanges ids;
};

/// Gets a pidfd, empty where the process has ended already.
using ExecDone = std::function<void(Result<UniqueFd>)>;
using AttachDone = std::function<void(Result<AttachedStreams>)>;
using Started = std::function<void(std::expected<ContainerInfo, StartFailure>)>;

/// Single-threaded. Every `done` is called exactly once, from the loop. Sandboxes are named by
/// SandboxSpec::id.
class Engine {
 public:
  Engine(boost::asio::io_context& io, units::Systemd& systemd, image::Store& images,
         network::PodNetworks& networks, Paths paths, Runtimes runtimes, Events events,
         IdRangeConfig ids = {});
  ~Engine();

  /// Starts slice and sandbox; `done` comes once containers can be started in it. PID 1 moves the sandbox
  /// into its scope meanwhile; a sandbox that does not get there is ended, and Events::lost tells. After an
  /// error nothing of it lives.
  void run_sandbox(SandboxSpec spec, units::Done<void> done);

  /// Takes up a sandbox that an earlier agent started. For a container whose start was under way (pid 0)
  /// `resumed` is called, later, with how it went. Errors: no sandbox lives there.
  [[nodiscard]] Result<void> attach_sandbox(
      const SandboxSpec& spec, const std::vector<KnownContainer>& containers,
      std::function<void(const KnownContainer&, Result<ContainerInfo>)> resumed);

  /// Kills every process of the slice, releases `scopes` and stops the slice. Works for a sandbox that was
  /// never attached.
  void stop_sandbox(const SandboxSpec& spec, std::vector<std::string> scopes, units::Done<void> done);

  /// Removes the folders of a stopped sandbox, volumes included, and gives its ids back.
  [[nodiscard]] Result<void> remove_sandbox(const std::string& id);

  /// A container that will be started as soon as the sandbox, which is being made, is up: all but its first
  /// instruction may be done while the network is made. start_container() of an equal one carries on from
  /// there; of one that fails before, nothing is heard.
  void prepare_container(const std::string& sandbox, ContainerSpec spec);

  /// Starts one container in a running sandbox, inside its scope from its first instruction on.
  void start_container(const std::string& sandbox, ContainerSpec spec, Started done);

  /// Starts another process in a running container, confined as its first one. Its end goes to
  /// ExecSpec::status_fd, with or without this agent. `done` is dropped uncalled when the sandbox ends
  /// before. Errors: the container does not run; the runtime's own.
  void exec(const std::string& sandbox, ExecSpec spec, ExecDone done);

  /// Adds a session at a running container; it lives with or without this agent. Errors: the container does
  /// not run; too many sessions in its sandbox.
  void attach(const std::string& sandbox, AttachSpec spec, const AttachDone& done);

  /// Opens the root of a running container, with all that is mounted below it. Errors: it does not run.
  [[nodiscard]] Result<ContainerRoot> open_root(const std::string& sandbox, const std::string& container);

  /// Sends the container's stop signal (the image's, else SIGTERM) to its first process.
  [[nodiscard]] Result<void> signal_container(const std::string& sandbox, const std::string& container);

  /// SIGKILL to every process of the container's scope.
  void kill_container(const std::string& scope, units::Done<void> done);

  /// Releases unit and image of a container that does not run and will not any more, and removes its folders.
  void remove_container(const std::string& sandbox, const std::string& container, const std::string& scope);

  /// Brings an image into the store; see Pulls.
  void pull_image(const std::string& reference, Pulls::Progress progress, units::Done<void> done);

  /// Lets go of the images of containers that are not among these scopes, and removes what earlier pulls
  /// left: at the agent's start, when it knows what runs.
  void release_images_except(const std::set<std::string>& scopes);

  /// Removes what is left of sandboxes with ids or networks of their own that are not among these, and gives
  /// ids and addresses back: at the agent's start, when it has read the manifests.
  void release_except(const std::set<std::string>& sandboxes);

  /// What a running sandbox asks of its network is this from now on: ports, bandwidth.
  void update_network(const network::PodRequest& pod) { context_.networks.update(pod); }

  /// The first of the 65,536 ids of a sandbox with a user namespace of its own; 0 for others.
  [[nodiscard]] std::uint32_t first_id(const std::string& sandbox) { return context_.ids.find(sandbox); }

  /// What connects a sandbox with a network of its own; null for others.
  [[nodiscard]] const network::Attachment* network_of(const std::string& sandbox) const {
    return context_.networks.find(sandbox);
  }

  /// Pins every living unit again, after the bus connection that held the pins was replaced.
  void repin();

 private:
  void pin(const Sandbox& sandbox);
  void end_slice(const SandboxSpec& spec, const std::vector<std::string>& scopes,
                 const units::Done<void>& done);
  void abandon_prepared(const std::string& sandbox, const std::function<void()>& done);

  Context context_;
  Pulls pulls_;
  std::map<std::string, std::shared_ptr<Sandbox>> sandboxes_;
  std::map<std::string, std::map<std::string, std::shared_ptr<Start>>>
      prepared_;  ///< by sandbox and container
};

}  // namespace podsd::engine
