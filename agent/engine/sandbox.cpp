// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/sandbox.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "agent/engine/cgroup.hpp"
#include "agent/engine/pod_users.hpp"
#include "agent/journal.hpp"
#include "agent/os/files.hpp"

namespace podsd::engine {
namespace {

UniqueFd open_pidfd(int pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

}  // namespace

void warn_dropped(const std::string& unit, const std::vector<std::string>& properties) {
  for (const std::string& name : properties)
    journal::write(LOG_WARNING,
                   unit + ": this systemd does not know " + name + ", which does not take effect",
                   {{"OBJECT_SYSTEMD_UNIT", unit}});
}

void Sandbox::run(units::Done<void> done) {
  start_slice();
  if (spec_.host_network)
    context_.networks.release(spec_.id);  // of what the pod was before
  else
    context_.networks.prepare(spec_.pod);
  if (auto given = take_ids(); !given) return done(given);
  if (auto ready = folders_.prepare(spec_); !ready) return done(std::unexpected(ready.error()));
  if (auto given = give_ids_back(); !given) return done(given);
  sandbox::SandboxOptions options;
  options.program = context_.paths.libexec / "podsd-sandbox";
  options.dir = folders_.run();
  options.host_network = spec_.host_network;
  if (!spec_.host_network) options.hostname = spec_.hostname;
  const std::string id = std::to_string(spec_.first_id);
  const std::string owner = spec_.first_id != 0 ? ",uid=" + id + ",gid=" + id : "";
  options.first_id = spec_.first_id;
  options.user_file = folders_.user_namespace();
  options.tmpfs.push_back({folders_.shm(), "mode=1777,size=67108864" + owner});
  for (const EmptyVolume& v : spec_.volumes)
    if (v.memory)
      options.tmpfs.push_back(
          {folders_.volume(v.name), "mode=0777" + owner + (v.size ? ",size=" + std::to_string(v.size) : "")});
  auto log = journal::open_stream("podsd-sandbox", spec_.scope.name, LOG_INFO);
  if (!log) return done(std::unexpected(log.error()));
  options.stderr_fd = log->get();
  auto process = sandbox::start_sandbox(options);
  if (!process) return done(std::unexpected(process.error()));
  if (auto kept = os::replace_file(folders_.sandbox_pid(), std::to_string(process->pid)); !kept)
    return done(std::unexpected(kept.error()));
  watch_life(process->pidfd.get());
  // The sandbox need not wait for its scope, as containers must: it is podsd's own, and its move takes PID 1
  // many milliseconds (the kernel waits for an RCU grace period), in which it can begin to serve.
  if (auto opened = sandbox::open_gate(process->gate); !opened) return done(opened);
  start_scope(process->pid, false);
  const Result<void> connected = connect();
  if (!connected) return done(connected);
  if (spec_.host_network) return done(write_files());
  pid_ = process->pid;
  running_ = std::move(done);
  client_->on_ready = [this] { connect_network(); };
}

Result<void> Sandbox::take_ids() {
  if (!spec_.own_users) return {};
  if (auto possible = check_user_namespaces(context_.paths.state); !possible) return possible;
  const auto first_id = context_.ids.take(spec_.id);
  if (!first_id) return std::unexpected(first_id.error());
  spec_.first_id = *first_id;
  return {};
}

/// A pod that was edited to be one of the host's users: of its time before, nothing is left in a fresh one.
Result<void> Sandbox::give_ids_back() {
  if (spec_.own_users || !spec_.fresh) return {};
  return context_.ids.free(spec_.id);
}

/// Nobody waits for it: systemd keeps the order of calls, so that the slice is there before the scopes in it.
/// It is made while the sandbox's process is.
void Sandbox::start_slice() {
  const auto self = shared_from_this();
  context_.systemd.start_transient(
      spec_.slice.name, spec_.slice.properties, [self](Result<std::vector<std::string>> r) {
        // A slice that is there already (an earlier start of this pod failed half-way) gets its limits.
        if (r) return warn_dropped(self->spec_.slice.name, *r);
        if (r.error().code == EEXIST)
          self->context_.systemd.set_properties(
              self->spec_.slice.name, units::live_properties(self->spec_.slice), [](Result<void>) {});
      });
}

void Sandbox::start_scope(int pid, bool again) {
  std::vector<units::Property> properties = spec_.scope.properties;
  properties.push_back({"PIDs", std::vector<std::uint32_t>{static_cast<std::uint32_t>(pid)}});
  const auto self = shared_from_this();
  const std::string& scope = spec_.scope.name;
  context_.systemd.start_transient(
      scope, std::move(properties), [self, pid, again](const Result<std::vector<std::string>>& started) {
        const std::string& scope = self->spec_.scope.name;
        if (!started && started.error().code == EEXIST && !again) {
          // A scope whose last process ended a moment ago, or one that an earlier agent left behind.
          static_cast<void>(kill_cgroup(self->scope_cgroup(scope)));
          return self->context_.systemd.stop_unit(
              scope, [self, pid](const Result<void>&) { self->start_scope(pid, true); });
        }
        if (!started) return self->give_up(started.error());
        if (!in_unit(pid, scope)) self->give_up({"the sandbox is not in its scope", scope, 0, nullptr});
      });
}

/// Ends the process: its end tells the engine's client.
void Sandbox::give_up(const Error& error) {
  if (!alive()) return;
  journal::write(LOG_ERR, "ending the sandbox: " + error.message(),
                 {{"OBJECT_SYSTEMD_UNIT", spec_.scope.name}});
  kill();
}

void Sandbox::kill() {
  if (life_) ::syscall(SYS_pidfd_send_signal, life_->native_handle(), SIGKILL, nullptr, 0);
}

void Sandbox::forget() {
  stopping_ = true;
  // The slice's cgroup is killed as a whole, but a sandbox that was just started may still be on its way
  // there.
  kill();
}

Result<void> Sandbox::connect() {
  auto client = sandbox::connect_sandbox(context_.io, folders_.run());
  if (!client) return std::unexpected(client.error());
  client_ = std::move(*client);
  slice_oom_seen_ = oom_kills(slice_cgroup_).value_or(0);
  client_->on_exit = [this](const sandbox::Exit& exit) { exited(exit); };
  // A connection that ends without the process means a broken sandbox: end it, and let its end tell.
  client_->on_closed = [this](const Error&) { kill(); };
  return {};
}

/// Follows the sandbox's own life through its pidfd, and reaps it where it is this agent's child.
void Sandbox::watch_life(int pidfd) {
  life_ = std::make_shared<boost::asio::posix::stream_descriptor>(context_.io,
                                                                  ::fcntl(pidfd, F_DUPFD_CLOEXEC, 3));
  life_->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [weak = weak_from_this(), life = life_](boost::system::error_code error) {
                      if (error) return;
                      siginfo_t info{};
                      ::waitid(P_PIDFD, static_cast<id_t>(life->native_handle()), &info, WEXITED | WNOHANG);
                      const auto self = weak.lock();
                      if (self && self->running_) return self->ended_while_made();
                      if (self && self->alive()) self->context_.events.lost(self->spec_.id);
                    });
}

Result<void> Sandbox::attach(const std::vector<KnownContainer>& containers,
                             std::function<void(const KnownContainer&, Result<ContainerInfo>)> resumed) {
  const auto text = os::read_file(folders_.sandbox_pid(), 16);
  const int pid = text ? std::atoi(text->c_str()) : 0;
  const UniqueFd pidfd = pid > 0 ? open_pidfd(pid) : UniqueFd();
  if (!pidfd || !in_unit(pid, spec_.scope.name)) return fail("the sandbox is gone", spec_.id);
  if (spec_.own_users) spec_.first_id = context_.ids.find(spec_.id);
  if (spec_.own_users && spec_.first_id == 0) return fail("the pod's user ids are not known", spec_.id);
  if (auto connected = connect(); !connected) return connected;
  watch_life(pidfd.get());
  for (const KnownContainer& c : containers) {
    if (c.pid == 0)
      resume_start(c, resumed);
    else
      adopt(c, false);
  }
  return {};
}

Result<std::vector<std::string>> Sandbox::runtime_command(const std::string& container,
                                                          const std::filesystem::path& log) const {
  const std::vector<std::string> common = {
      "--root", folders_.runtime_root(container), "--log", log, "--log-format", "json"};
  std::vector<std::string> words;
  if (spec_.runtime.empty()) {
    words = {context_.paths.libexec / "podsd-runtime", "--cache", context_.paths.run / "filters"};
  } else {
    const auto runtime = context_.runtimes.find(spec_.runtime);
    if (runtime == context_.runtimes.end())
      return fail("podsd.yaml has no runtime of that name (runtimeClassName)", spec_.runtime);
    words = {runtime->second.path};
    words.insert(words.end(), runtime->second.args.begin(), runtime->second.args.end());
  }
  words.insert(words.end(), common.begin(), common.end());
  return words;
}

std::vector<std::string> Sandbox::live_scopes() const {
  std::vector<std::string> scopes;
  for (const auto& [pid, live] : live_) scopes.push_back(live.container.scope);
  return scopes;
}

}  // namespace podsd::engine
