// SPDX-License-Identifier: Apache-2.0
// A changed manifest: what it costs. Limits are changed live; a changed container is restarted alone; what
// the pod's containers share (network, names, volumes, sysctls, runtime class, init containers, uid) makes
// the pod anew; the rest costs nothing.
#include <syslog.h>

#include <algorithm>

#include "policies/restart.hpp"
#include "units/machine.hpp"

namespace podsd::units {
namespace {

bool needs_new_pod(const spec::Pod& a, const spec::Pod& b) {
  return a.host_network != b.host_network || a.host_users != b.host_users || a.names != b.names ||
         a.volumes != b.volumes || a.runtime_class != b.runtime_class || a.sysctls != b.sysctls ||
         a.init_containers != b.init_containers || a.uid != b.uid;
}

bool needs_restart(spec::Container a, spec::Container b) {
  a.resources = b.resources = {};
  a.ports = b.ports = {};
  a.image_pull_policy = b.image_pull_policy;
  return !(a == b);
}

/// A pod that has ended for good is run again by any edit of what runs.
bool runs_again(const State& s, const spec::Pod& edited) {
  const bool down = s.stage == Stage::down || s.stage == Stage::stopping;
  return down && is_over(s) &&
         (edited.containers != s.pod.containers || edited.restart_policy != s.pod.restart_policy);
}

/// Whether an edit of its manifest starts a container that does not run. A back-off belongs to what was in
/// the file (the kubelet's key: pod and container spec), and so does a hold.
bool wakes(const Container& c, const spec::Container& before, const spec::Container& wanted,
           const spec::Pod& pod, spec::RestartPolicy policy_before) {
  if (c.run == Run::held || c.after == After::hold) return true;
  if (c.run == Run::backoff) return before != wanted;
  return c.run == Run::ended && c.last && pod.restart_policy != policy_before &&
         policies::restarts(pod.restart_policy, false, c.last->exit_code);
}

}  // namespace

void Machine::apply(spec::Pod pod) {
  s.manifest_error.clear();
  if (pod.uid.empty()) pod.uid = s.pod.uid;
  if (s.intent == Intent::remove || s.intent == Intent::recreate) {
    s.next = std::move(pod);
    return remake();
  }
  // A held pod may have an edit waiting, made while it was about to be made again.
  if (pod == s.next.value_or(s.pod)) return;
  const spec::Pod before = s.pod;
  if (s.intent == Intent::hold || runs_again(s, pod) || needs_new_pod(before, pod)) {
    report(LOG_INFO, "", "edited", "manifest changed, the pod is made again");
    s.next = std::move(pod);
    return remake();
  }
  report(LOG_INFO, "", "edited", "manifest changed");
  s.pod = std::move(pod);
  s.plan = make_plan(s.pod, s.node);
  edit_containers(before);
  set_limits();
}

void Machine::edit_containers(const spec::Pod& before) {
  std::vector<Container> in_order;
  for (Container& c : s.containers)
    if (c.init) in_order.push_back(std::move(c));
  std::erase_if(s.containers, [](const Container& c) { return c.name.empty() || c.init; });
  for (const spec::Container& wanted : s.pod.containers) {
    const auto there = std::ranges::find(s.containers, wanted.name, &Container::name);
    if (there == s.containers.end()) {
      in_order.push_back({.name = wanted.name});
      continue;
    }
    const auto old = std::ranges::find(before.containers, wanted.name, &spec::Container::name);
    if (old == before.containers.end() || needs_restart(*old, wanted) ||
        wakes(*there, *old, wanted, s.pod, before.restart_policy))
      revive(*there);
    in_order.push_back(std::move(*there));
    s.containers.erase(there);
  }
  for (Container& gone : s.containers) {
    gone.after = After::drop;
    in_order.push_back(std::move(gone));
  }
  s.containers = std::move(in_order);
}

/// Asks for every limit that a living unit does not have yet. What is asked for counts as applied until the
/// answer says else.
void Machine::set_limits() {
  Observed running = s.applied;
  if (s.stage != Stage::up) running.erase(s.plan.slice.name);
  for (const Container& c : s.containers)
    if (c.run != Run::running) running.erase(scope_of(c));
  for (UnitChange& change : diff(s.plan, running)) {
    auto& applied = s.applied[change.unit];
    for (const Property& p : change.properties) {
      const auto old = std::ranges::find(applied, p.name, &Property::name);
      if (old == applied.end())
        applied.push_back(p);
      else
        *old = p;
    }
    todo.emplace_back(SetLimits{change.unit, std::move(change.properties)});
  }
}

void Machine::limits_set(const LimitsSet& e) {
  const auto applied = s.applied.find(e.unit);
  if (applied == s.applied.end()) return;
  std::string text;
  for (const Property& p : e.properties) text += (text.empty() ? "" : ", ") + to_string(p);
  if (e.error.empty()) {
    s.limit_errors.erase(e.unit);
    return report(LOG_INFO, "", "limits", e.unit + ": limits set: " + text);
  }
  s.limit_errors[e.unit] = e.error;
  std::erase_if(applied->second,
                [&e](const Property& p) { return std::ranges::find(e.properties, p) != e.properties.end(); });
  report(LOG_WARNING, "", "limits", e.unit + ": cannot set " + text + ": " + e.error);
}

}  // namespace podsd::units
