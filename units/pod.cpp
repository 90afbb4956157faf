// SPDX-License-Identifier: Apache-2.0
// The pod's life around its containers: sandbox up and down, whose turn it is, when it is over.
#include <syslog.h>

#include <algorithm>

#include "units/machine.hpp"

namespace podsd::units {
namespace {

/// What a container starts from when its pod is run from the beginning; its history stays.
void rewind(Container& c) {
  c.run = Run::waiting;
  c.after = After::policy;
  c.deadline = 0;
  c.pid = 0;
  c.reason.clear();
  c.message.clear();
  c.backoff = {};
  Machine::forget_pulls(c);
}

}  // namespace

bool succeeded(const Container& c) {
  return c.run == Run::ended && c.last && c.last->exit_code == 0;
}

bool is_over(const State& s) {
  const auto rests = [](const Container& c) { return c.init || c.run == Run::ended || c.run == Run::held; };
  const auto broke = [](const Container& c) { return c.init && c.run == Run::ended && !succeeded(c); };
  return std::ranges::all_of(s.containers, rests) || std::ranges::any_of(s.containers, broke);
}

void Machine::sandbox_up() {
  if (s.stage != Stage::creating) return;
  s.stage = Stage::up;
  s.reason.clear();
  s.message.clear();
  report(LOG_INFO, "", "sandbox", "sandbox started");
  // The file may have been edited since the slice was asked for.
  if (s.intent == Intent::run) set_limits();
}

void Machine::sandbox_failed(const std::string& message) {
  if (s.stage != Stage::creating) return;
  const policies::Delay delay = policies::next_delay(s.backoff, s.node.backoff, 0);
  s.stage = Stage::down;
  s.applied.clear();
  s.backoff = delay.next;
  s.retry_at = now + delay.usec;
  s.reason = "CreatePodSandboxError";
  s.message = message;
  report(LOG_ERR, "", "sandbox", "cannot make the sandbox: " + message);
  if (delay.usec > 0) todo.emplace_back(SetTimer{"", s.retry_at});
}

void Machine::stop_sandbox() {
  s.stage = Stage::stopping;
  s.applied.clear();
  s.limit_errors.clear();
  todo.emplace_back(StopSandbox{});
}

/// With the sandbox went the only witness of exit codes: what ran is ended and counts as lost (the kubelet's
/// words).
void Machine::sandbox_lost() {
  if (s.stage != Stage::up) return;
  report(LOG_ERR, "", "sandbox", "the sandbox ended unexpectedly, the pod is made again");
  std::int64_t ran = 0;
  for (Container& c : s.containers) {
    if (!live(c)) continue;
    if (c.started_at != 0) ran = std::max(ran, now - c.started_at);
    c.last = Terminated{.exit_code = 137,
                        .reason = "ContainerStatusUnknown",
                        .message = "the pod's sandbox ended",
                        .started_at = c.started_at == 0 ? now : c.started_at,
                        .finished_at = now,
                        .container_id = container_id(c)};
    c.pid = 0;
    settle(c, 137, "lost with its sandbox");
  }
  stop_sandbox();
  if (s.intent != Intent::run) return;
  // A sandbox that keeps ending must not be made in a tight loop; how long it held is how long its containers
  // ran.
  const policies::Delay delay = policies::next_delay(s.backoff, s.node.backoff, ran);
  s.backoff = delay.next;
  s.retry_at = now + delay.usec;
  if (delay.usec > 0) todo.emplace_back(SetTimer{"", s.retry_at});
}

void Machine::timer(const TimerFired& e) {
  if (e.container.empty()) {
    if (s.retry_at == e.at) s.retry_at = 0;
    return;
  }
  Container* c = find(e.container);
  if (c == nullptr || c->deadline != e.at) return;
  // The realtime clock may have been set back: the timer is what counts.
  c->deadline = 0;
  if (c->pull_at == e.at) c->pull_at = 0;
  if (c->run != Run::stopping) return;
  report(LOG_WARNING, c->name, "killing",
         "did not stop within " + std::to_string(grace_usec(s.pod) / 1'000'000) + "s, killing");
  todo.emplace_back(KillContainer{c->name});
}

void Machine::advance() {
  std::erase_if(s.containers, [](const Container& c) { return c.after == After::drop && !live(c); });
  if (s.stage == Stage::up) advance_up();
  if (s.stage == Stage::down) advance_down();
}

void Machine::advance_up() {
  if (s.intent != Intent::run) return stop_all();
  for (Container& c : s.containers)
    if (c.after != After::policy) stop(c);
  if (schedule() || std::ranges::any_of(s.containers, live)) return;
  // Every container has ended for good: the pod is over, and its sandbox with it.
  stop_sandbox();
}

/// Starts whoever's turn it is. Gives false when the pod is over.
bool Machine::schedule() {
  const auto due = [this](const Container& c) {
    return c.run == Run::waiting || (c.run == Run::backoff && c.deadline <= now);
  };
  for (Container& c : s.containers) {
    if (!c.init || succeeded(c)) continue;
    if (c.run == Run::ended) return false;
    if (due(c)) start(c);
    return true;
  }
  bool over = true;
  for (Container& c : s.containers) {
    if (!c.init && due(c)) start(c);
    over = over && (c.init || c.run == Run::ended);
  }
  return !over;
}

void Machine::stop_all() {
  bool any = false;
  for (Container& c : s.containers) {
    stop(c);
    if (c.run == Run::waiting || c.run == Run::backoff || c.run == Run::pulling) {
      c.run = Run::ended;
      c.deadline = 0;
      c.reason.clear();
      c.message.clear();
    }
    any = any || live(c);
  }
  if (!any) stop_sandbox();
}

/// Stops the pod, to run it (or what its file says by then) from the beginning. It releases what is held so
/// far.
void Machine::remake() {
  s.intent = Intent::recreate;
  for (Container& c : s.containers) {
    if (c.after != After::drop) c.after = After::policy;
    if (c.run == Run::held) c.run = Run::ended;
  }
}

void Machine::advance_down() {
  switch (s.intent) {
    case Intent::hold:
      return;
    case Intent::remove:
      report(LOG_INFO, "", "removed", "removed");
      todo.emplace_back(Forget{});
      return;
    case Intent::recreate:
      run_again();
      break;
    case Intent::run:
      break;
  }
  if (!is_over(s) && s.retry_at <= now) run_sandbox();
}

/// The pod from its beginning, by what its file says now. Attempts go on counting, so that no answer to an
/// earlier one is taken for a new one's.
void Machine::run_again() {
  spec::Pod pod = s.next.value_or(s.pod);
  if (pod.uid.empty()) pod.uid = s.pod.uid;
  State fresh = begin(std::move(pod), s.node);
  for (Container& c : fresh.containers) {
    const Container* old = find(c.name);
    if (old == nullptr) continue;
    c.attempt = old->attempt;
    if (old->run == Run::held) c.run = Run::held;
  }
  fresh.conditions = std::move(s.conditions);
  fresh.manifest_error = std::move(s.manifest_error);
  s = std::move(fresh);
}

void Machine::run_sandbox() {
  // A sandbox is new: init containers run again (KEP-753: they must be idempotent).
  for (Container& c : s.containers)
    if (c.init || (c.run != Run::held && c.run != Run::ended)) rewind(c);
  if (s.start_time == 0) s.start_time = now;
  s.retry_at = 0;
  s.stage = Stage::creating;
  s.applied[s.plan.slice.name] = live_properties(s.plan.slice);
  // A sandbox that is made again for the same pod finds its volumes: an emptyDir lives as long as the pod
  // (core/v1).
  const bool fresh =
      std::ranges::none_of(s.containers, [](const Container& c) { return c.last.has_value(); });
  todo.emplace_back(RunSandbox{fresh});
}

}  // namespace podsd::units
