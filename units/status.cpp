// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policies/qos.hpp"
#include "policies/restart.hpp"
#include "units/machine.hpp"
#include "units/names.hpp"
#include "units/step.hpp"

namespace podsd::units {
namespace {

using policies::Progress;

Progress progress(const Container& c) {
  switch (c.run) {
    case Run::running:
    case Run::stopping:
      return Progress::running;
    case Run::waiting:
    case Run::starting:
    case Run::backoff:
    case Run::pulling:
      return c.last ? Progress::restarting : Progress::waiting;
    case Run::ended:
    case Run::held:
      break;
  }
  if (!c.last) return Progress::waiting;
  return c.last->exit_code == 0 ? Progress::succeeded : Progress::failed;
}

std::vector<Progress> progress(const State& s, bool init) {
  std::vector<Progress> list;
  for (const Container& c : s.containers)
    if (c.init == init) list.push_back(progress(c));
  return list;
}

bool initialized(const State& s) {
  return std::ranges::all_of(progress(s, true), [](Progress p) { return p == Progress::succeeded; });
}

Phase phase_of(const State& s) {
  const std::vector<Progress> containers = progress(s, false);
  switch (policies::phase(progress(s, true), containers)) {
    case policies::PodPhase::pending:
      return Phase::pending;
    case policies::PodPhase::running:
      return Phase::running;
    case policies::PodPhase::succeeded:
      return Phase::succeeded;
    case policies::PodPhase::failed:
      return Phase::failed;
  }
  return Phase::pending;
}

ContainerState state_of(const State& s, const Container& c) {
  ContainerState out;
  switch (c.run) {
    case Run::running:
    case Run::stopping:
      out.kind = ContainerState::Kind::running;
      out.started_at = c.started_at;
      return out;
    case Run::ended:
    case Run::held:
      if (c.last) {
        out.kind = ContainerState::Kind::terminated;
        out.terminated = c.last;
        return out;
      }
      out.reason = "Stopped";
      return out;
    case Run::waiting:
    case Run::starting:
    case Run::backoff:
    case Run::pulling:
      break;
  }
  const bool first_turn = c.init || initialized(s);
  out.reason = !c.reason.empty() ? c.reason : first_turn ? "ContainerCreating" : "PodInitializing";
  out.message = c.message;
  return out;
}

std::string image_of(const State& s, const Container& c) {
  const auto& list = c.init ? s.pod.init_containers : s.pod.containers;
  const auto it = std::ranges::find(list, c.name, &spec::Container::name);
  return it == list.end() ? "" : it->image;
}

ContainerStatus status_of(const State& s, const Container& c) {
  ContainerStatus out;
  out.name = c.name;
  out.image = image_of(s, c);
  out.image_id = c.image_id;
  if (c.attempt > 0)
    out.container_id = "podsd://" + s.pod.uid + "/" + c.name + "/" + std::to_string(c.attempt);
  out.unit = container_scope(s.pod.ns, s.pod.name, c.name);
  const bool running = c.run == Run::running || c.run == Run::stopping;
  out.started = running;
  out.ready = c.init ? c.run == Run::ended && c.last && c.last->exit_code == 0 : c.run == Run::running;
  out.restart_count = c.restarts;
  out.state = state_of(s, c);
  if (out.state.kind != ContainerState::Kind::terminated) out.last_state = c.last;
  out.pid = c.pid;
  return out;
}

std::string limits_text(const State& s) {
  std::string text;
  const auto add = [&text](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
  for (const std::string& w : s.plan.warnings) add(w);
  for (const auto& [unit, error] : s.limit_errors) add(unit + ": " + error);
  return text;
}

std::string not_ready(const State& s) {
  std::string names;
  for (const Container& c : s.containers)
    if (!c.init && c.run != Run::running) names += (names.empty() ? "" : " ") + c.name;
  return names;
}

std::vector<Condition> conditions_of(const State& s) {
  std::vector<Condition> list;
  list.push_back({"PodScheduled", true, 0, "", ""});
  list.push_back({"Initialized", initialized(s), 0, initialized(s) ? "" : "ContainersNotInitialized", ""});
  const std::string waiting = not_ready(s);
  const Phase phase = phase_of(s);
  const bool over = phase == Phase::succeeded || phase == Phase::failed;
  const std::string why = waiting.empty() ? "" : over ? "PodCompleted" : "ContainersNotReady";
  const std::string which =
      waiting.empty() || over ? "" : "containers with unready status: [" + waiting + "]";
  list.push_back({"ContainersReady", waiting.empty(), 0, why, which});
  list.push_back({"Ready", waiting.empty(), 0, why, which});
  const std::string limits = limits_text(s);
  list.push_back({"LimitsBound", limits.empty(), 0, limits.empty() ? "" : "LimitsDoNotBind", limits});
  list.push_back({"ManifestValid", s.manifest_error.empty(), 0,
                  s.manifest_error.empty() ? "" : "ManifestRefused", s.manifest_error});
  return list;
}

}  // namespace

void refresh_conditions(State& state, Instant now) {
  std::vector<Condition> fresh = conditions_of(state);
  for (Condition& c : fresh) {
    const auto old = std::ranges::find(state.conditions, c.type, &Condition::type);
    const bool same = old != state.conditions.end() && old->status == c.status;
    c.last_transition = same ? old->last_transition : now;
  }
  state.conditions = std::move(fresh);
}

PodStatus status(const State& s) {
  PodStatus out;
  out.phase = phase_of(s);
  out.reason = s.reason;
  out.message = s.message;
  if (s.intent == Intent::hold) out.reason = s.stage == Stage::down ? "Stopped" : "Stopping";
  if (s.intent == Intent::remove || (s.intent == Intent::recreate && s.stage != Stage::down))
    out.reason = "Terminating";
  out.qos_class = policies::to_string(policies::qos_class(s.pod));
  out.start_time = s.start_time;
  out.conditions = s.conditions;
  for (const Container& c : s.containers)
    (c.init ? out.init_containers : out.containers).push_back(status_of(s, c));
  return out;
}

}  // namespace podsd::units
