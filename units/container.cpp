// SPDX-License-Identifier: Apache-2.0
// One container's life: start, stop, end, back-off.
#include <syslog.h>

#include <algorithm>
#include <utility>

#include "policies/image_pull.hpp"
#include "policies/restart.hpp"
#include "units/machine.hpp"
#include "units/names.hpp"

namespace podsd::units {
namespace {

std::string describe(const Terminated& t) {
  return "exited with code " + std::to_string(t.exit_code) + " (" + t.reason + ")";
}

}  // namespace

std::string duration_text(std::int64_t usec) {
  if (usec < 1'000'000) return std::to_string(usec / 1000) + "ms";
  const std::int64_t seconds = usec / 1'000'000;
  std::string text;
  if (seconds >= 60) text = std::to_string(seconds / 60) + "m";
  if (seconds % 60 != 0 || text.empty()) text += std::to_string(seconds % 60) + "s";
  return text;
}

Container* Machine::find(const std::string& name) {
  const auto it = std::ranges::find(s.containers, name, &Container::name);
  return it == s.containers.end() ? nullptr : &*it;
}

const ContainerPlan& Machine::plan_of(const Container& c) const {
  return *std::ranges::find(s.plan.containers, c.name, &ContainerPlan::name);
}

std::string Machine::scope_of(const Container& c) const {
  return container_scope(s.pod.ns, s.pod.name, c.name);
}

std::string Machine::container_id(const Container& c) const {
  return "podsd://" + s.pod.uid + "/" + c.name + "/" + std::to_string(c.attempt);
}

/// Nothing of the container's scope is left, so neither are its limits nor what could not be set of them.
void Machine::release_limits(const Container& c) {
  s.applied.erase(scope_of(c));
  s.limit_errors.erase(scope_of(c));
}

/// Only a start that got as far as a process is a restart (the kubelet counts containers, not tries).
void Machine::count_start(Container& c) {
  if (c.last) ++c.restarts;
}

void Machine::start(Container& c) {
  ++c.attempt;
  for (const spec::ImageVolume& image : images_of(c))
    if (policies::image_step(image.pull_policy, true, c.pulled.contains(image.reference)) ==
        policies::ImageStep::pull)
      return begin_pull(c, image.reference);
  c.pulled.clear();
  c.run = Run::starting;
  c.after = After::policy;
  c.deadline = 0;
  c.started_at = 0;
  c.reason = "ContainerCreating";
  c.message.clear();
  const UnitPlan& scope = plan_of(c).scope;
  s.applied[scope.name] = live_properties(scope);
  s.limit_errors.erase(scope.name);
  todo.emplace_back(StartContainer{c.name, c.attempt});
}

void Machine::stop(Container& c) {
  if (c.run != Run::running) return;
  c.run = Run::stopping;
  c.deadline = now + grace_usec(s.pod);
  report(LOG_INFO, c.name, "stopping", "stopping");
  todo.emplace_back(SignalContainer{c.name});
  todo.emplace_back(SetTimer{c.name, c.deadline});
}

void Machine::went_up(const ContainerUp& e) {
  Container* c = find(e.name);
  if (c == nullptr || c->run != Run::starting || c->attempt != e.attempt) return;
  count_start(*c);
  c->run = Run::running;
  forget_pulls(*c);
  c->pid = e.pid;
  if (!e.image_id.empty()) c->image_id = e.image_id;
  c->started_at = now;
  c->reason.clear();
  report(LOG_INFO, c->name, "started", "started");
  set_limits();
}

void Machine::went_down(const ContainerDown& e) {
  Container* c = find(e.name);
  if (c == nullptr || !live(*c) || c->attempt != e.attempt) return;
  if (c->run == Run::starting) {
    // The exit overtook the answer to the start.
    count_start(*c);
    c->started_at = e.finished_at;
  }
  const policies::ExitVerdict verdict = policies::judge_exit(e.facts);
  Terminated end{.exit_code = verdict.exit_code, .signal = e.facts.signal, .reason = verdict.reason};
  end.started_at = c->started_at;
  end.finished_at = e.finished_at;
  end.container_id = container_id(*c);
  c->last = end;
  c->pid = 0;
  release_limits(*c);
  if (e.stopped && c->run == Run::running && c->after == After::policy) c->after = After::hold;
  settle(*c, verdict.exit_code, describe(end));
}

void Machine::failed(const ContainerFailed& e) {
  Container* c = find(e.name);
  if (c == nullptr || c->run != Run::starting || c->attempt != e.attempt) return;
  release_limits(*c);
  if (c->after != After::policy || s.intent != Intent::run) return settle(*c, 128, e.message);
  switch (e.stage) {
    case ContainerFailed::Stage::image:
      return lacks_image(*c, e);
    case ContainerFailed::Stage::bad_image:
      return retry(*c, 0, "ImageInspectError", e.message, "cannot create: " + e.message);
    case ContainerFailed::Stage::config:
      return retry(*c, 0, "CreateContainerConfigError", e.message, "cannot create: " + e.message);
    case ContainerFailed::Stage::create:
      return retry(*c, 0, "CreateContainerError", e.message, "cannot create: " + e.message);
    case ContainerFailed::Stage::run:
      break;
  }
  count_start(*c);
  c->last = Terminated{.exit_code = 128,
                       .reason = "StartError",
                       .message = e.message,
                       .started_at = now,
                       .finished_at = now,
                       .container_id = container_id(*c)};
  settle(*c, 128, "cannot run: " + e.message);
  if (c->run != Run::backoff) return;
  c->reason = "RunContainerError";
  c->message = e.message;
}

/// The container has ended: what now?
void Machine::settle(Container& c, int exit_code, const std::string& what) {
  const int priority = exit_code == 0 || c.run == Run::stopping ? LOG_INFO : LOG_WARNING;
  c.deadline = 0;
  c.reason.clear();
  c.message.clear();
  const After after = c.after;
  if (after != After::drop) c.after = After::policy;
  if (after == After::hold || after == After::drop || s.intent != Intent::run) {
    c.run = after == After::hold ? Run::held : Run::ended;
    return report(priority, c.name, "exited", what);
  }
  if (after == After::restart) {
    c.run = Run::waiting;
    c.backoff = {};
    return report(priority, c.name, "exited", what + ", restarting");
  }
  if (!policies::restarts(s.pod.restart_policy, c.init, exit_code)) {
    c.run = Run::ended;
    return report(priority, c.name, "exited", what);
  }
  const std::int64_t ran = c.last ? c.last->finished_at - c.last->started_at : 0;
  retry(c, ran, "CrashLoopBackOff", {}, what);
}

/// Puts the container into back-off; with a delay of zero it is started again by this very step.
void Machine::retry(Container& c, std::int64_t ran, const std::string& reason, const std::string& message,
                    const std::string& what) {
  const policies::Delay delay = policies::next_delay(c.backoff, s.node.backoff, ran);
  c.run = Run::backoff;
  c.backoff = delay.next;
  c.deadline = now + delay.usec;
  c.reason = reason;
  c.message = message;
  const bool ended = reason == "CrashLoopBackOff";
  if (ended) c.message = "back-off " + duration_text(delay.usec) + " restarting failed container";
  const std::string again = ended ? ", restart " + std::to_string(c.restarts + 1) : ", trying again";
  const std::string when = delay.usec == 0 ? std::string(" now") : " in " + duration_text(delay.usec);
  report(LOG_WARNING, c.name, ended ? "exited" : "failed", what + again + when);
  if (delay.usec > 0) todo.emplace_back(SetTimer{c.name, c.deadline});
}

}  // namespace podsd::units
