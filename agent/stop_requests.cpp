// SPDX-License-Identifier: Apache-2.0
// systemctl stop of what is a pod's.
#include "agent/agent.hpp"
#include "units/names.hpp"

namespace podsd::agent {

/// PID 1 sends RequestStop for a systemctl stop, and also, with OOMPolicy=kill, when the OOM killer was in
/// the scope: then the container is dead already, and what follows is its restart policy's business.
void Agent::request_stop(const std::string& unit) {
  bus_->systemd().get_string(unit, "Scope", "Result", [this, unit](const Result<std::string>& result) {
    if (!result || *result != "oom-kill") stop_asked(unit);
  });
}

/// systemctl stop of a scope whose Controller= is this agent. A scope that is going down anyway needs no
/// answer.
void Agent::stop_asked(const std::string& unit) {
  for (const auto& [key, worker] : workers_) {
    const units::State& state = worker->state();
    if (state.stage != units::Stage::up) continue;
    if (unit == state.plan.sandbox.name) return worker->post(units::Asked{units::Verb::stop, ""});
    for (const units::Container& c : state.containers)
      if (c.run == units::Run::running &&
          units::container_scope(state.pod.ns, state.pod.name, c.name) == unit)
        return worker->post(units::Asked{units::Verb::stop, c.name});
  }
}

}  // namespace podsd::agent
