// SPDX-License-Identifier: Apache-2.0
// The half of Sandbox that follows its children: who ended, how, and what the OOM killer had to do with it.
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "agent/engine/cgroup.hpp"
#include "agent/engine/oci_config.hpp"
#include "agent/engine/sandbox.hpp"
#include "agent/os/files.hpp"

namespace podsd::engine {
namespace {

policies::ExitFacts facts_of(int wait_status) {
  policies::ExitFacts facts;
  if (WIFSIGNALED(wait_status))
    facts.signal = WTERMSIG(wait_status);
  else
    facts.exit_code = WEXITSTATUS(wait_status);
  return facts;
}

}  // namespace

void Sandbox::await_child(int pid, std::function<void(int wait_status)> ended) {
  // The pid is new: an exit kept under the same number was of another child.
  unclaimed_.erase(pid);
  awaited_[pid] = std::move(ended);
}

void Sandbox::adopt(const KnownContainer& container, bool controlled) {
  const std::string cgroup = scope_cgroup(container.scope);
  context_.oom.add(cgroup);
  Live live{container, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, container.pid, 0))),
            context_.oom.count(cgroup), controlled};
  const auto early = unclaimed_.find(container.pid);
  if (early == unclaimed_.end()) {
    live_[container.pid] = std::move(live);
    return;
  }
  const sandbox::Exit exit = early->second;
  unclaimed_.erase(early);
  // Later, so that whoever adopts it can tell of its start before its end is told.
  boost::asio::post(context_.io, [weak = weak_from_this(), exit, live = std::move(live)]() mutable {
    if (const auto self = weak.lock()) self->container_ended(exit, std::move(live));
  });
}

Result<void> Sandbox::signal(const std::string& container) const {
  for (const auto& [pid, live] : live_) {
    if (live.container.name != container) continue;
    const auto text = os::read_file(folders_.bundle(container) / "config.json");
    const auto config = nlohmann::json::parse(text.value_or(""), nullptr, false);
    const nlohmann::json::json_pointer where("/annotations/" + std::string(stop_signal_annotation));
    const int number = stop_signal(config.is_object() ? config.value(where, std::string()) : "");
    // Through the pidfd: a pid could have been given to another process by now.
    if (::syscall(SYS_pidfd_send_signal, live.pidfd.get(), number, nullptr, 0) != 0 && errno != ESRCH)
      return fail("cannot signal", live.container.scope, errno);
    return {};
  }
  return fail("the container does not run", container);
}

void Sandbox::exited(const sandbox::Exit& exit) {
  if (const auto child = awaited_.find(exit.pid); child != awaited_.end()) {
    const auto ended = std::move(child->second);
    awaited_.erase(child);
    client_->acknowledge(exit.serial);
    return ended(exit.wait_status);
  }
  if (auto node = live_.extract(exit.pid)) return container_ended(exit, std::move(node.mapped()));
  // Either the init of a container whose runtime's end was not read yet, or a leftover of an earlier agent.
  // Not acknowledged: if this agent dies before it is claimed, the next one must hear of it.
  unclaimed_[exit.pid] = exit;
}

void Sandbox::container_ended(const sandbox::Exit& exit, Live live) {
  policies::ExitFacts facts = facts_of(exit.wait_status);
  const std::string cgroup = scope_cgroup(live.container.scope);
  facts.scope_oom_kills = context_.oom.count(cgroup) - live.oom_accounted;
  facts.slice_oom_kills = own_slice_oom_kills();
  context_.oom.remove(cgroup);
  const auto ending = std::make_shared<Ending>(Ending{exit, live.container, facts, live.controlled});
  const bool killed = facts.signal == SIGKILL || facts.exit_code == 128 + SIGKILL;
  // systemd's own witness. Asked for only where it decides something.
  if (killed && facts.scope_oom_kills == 0) return ask_result(ending);
  ask_whether_stopped(ending);
}

void Sandbox::ask_result(const std::shared_ptr<Ending>& ending) {
  context_.systemd.get_string(ending->container.scope, "Scope", "Result",
                              [weak = weak_from_this(), ending](const Result<std::string>& result) {
                                const auto self = weak.lock();
                                if (!self) return;
                                ending->facts.unit_result_oom = result && *result == "oom-kill";
                                self->ask_whether_stopped(ending);
                              });
}

/// A scope without a controller is stopped by PID 1 itself; policies::stopped_by_job tells that from an exit.
void Sandbox::ask_whether_stopped(const std::shared_ptr<Ending>& ending) {
  if (ending->controlled) return tell(*ending);
  const auto left_active = std::make_shared<std::uint64_t>(0);
  const std::string& scope = ending->container.scope;
  context_.systemd.get_number(
      scope, "Unit", "ActiveExitTimestampMonotonic",
      [left_active](const Result<std::uint64_t>& at) { *left_active = at.value_or(0); });
  context_.systemd.get_number(
      scope, "Unit", "InactiveEnterTimestampMonotonic",
      [weak = weak_from_this(), ending, left_active](const Result<std::uint64_t>& at) {
        const auto self = weak.lock();
        if (!self) return;
        ending->stopped = at && policies::stopped_by_job(ending->facts, *left_active, *at);
        self->tell(*ending);
      });
}

void Sandbox::tell(const Ending& ending) {
  const ContainerExit end{spec_.id,     ending.container.name,          ending.container.attempt,
                          ending.facts, ending.exit.realtime_ns / 1000, ending.stopped};
  context_.events.exited(end, [weak = weak_from_this(), serial = ending.exit.serial] {
    const auto self = weak.lock();
    if (self && self->client_) self->client_->acknowledge(serial);
  });
}

void Sandbox::lose_control() {
  for (auto& [pid, live] : live_) live.controlled = false;
}

/// How much the slice's hierarchical count rose, less what the other living containers account for.
std::uint64_t Sandbox::own_slice_oom_kills() {
  const std::uint64_t now = oom_kills(slice_cgroup_).value_or(slice_oom_seen_);
  std::uint64_t others = 0;
  for (auto& [pid, live] : live_) {
    const std::uint64_t count = context_.oom.count(scope_cgroup(live.container.scope));
    others += count - std::min(count, live.oom_accounted);
    live.oom_accounted = count;
  }
  const std::uint64_t rise = now - std::min(now, slice_oom_seen_);
  slice_oom_seen_ = now;
  return rise - std::min(rise, others);
}

/// A start that an earlier agent did not see through: either the runtime got as far as its pid file, or it is
/// given up.
void Sandbox::resume_start(const KnownContainer& container,
                           std::function<void(const KnownContainer&, Result<ContainerInfo>)> resumed) {
  const auto text = os::read_file(folders_.bundle(container.name) / "pid", 16);
  KnownContainer known = container;
  known.pid = text ? std::atoi(text->c_str()) : 0;
  // For the sandbox to reap it, if it has ended meanwhile.
  client_->claim(known.name, known.pid);
  if (known.pid > 0 && (in_unit(known.pid, known.scope) || unclaimed_.contains(known.pid))) {
    boost::asio::post(context_.io, [weak = weak_from_this(), known, resumed] {
      if (const auto self = weak.lock()) self->adopt(known, false);
      resumed(known, ContainerInfo{known.pid, ""});
    });
    return;
  }
  context_.systemd.kill_unit(known.scope, SIGKILL, [known, resumed](Result<void>) {
    resumed(known, fail("the agent was restarted while the container was being started", known.name));
  });
}

}  // namespace podsd::engine
