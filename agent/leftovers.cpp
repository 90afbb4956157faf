// SPDX-License-Identifier: Apache-2.0
// What is there and belongs to no pod, at the agent's start.
#include <syslog.h>

#include <algorithm>
#include <csignal>

#include "agent/agent.hpp"
#include "agent/journal.hpp"
#include "agent/pod_view.hpp"

namespace podsd::agent {

/// Scopes below pods.slice that belong to no known pod have lost their records: nobody could restart or stop
/// them.
void Agent::end_strangers() {
  units::Systemd& systemd = bus_->systemd();
  systemd.list_units({"pods-*.scope"}, [this, &systemd](const Result<std::vector<units::UnitInfo>>& units) {
    if (!units) return;
    for (const units::UnitInfo& unit : *units) {
      const auto ours = [&](const auto& entry) { return entry.second->owns(unit.name); };
      if (unit.active_state != "active" || std::ranges::any_of(workers_, ours)) continue;
      journal::write(LOG_WARNING, "ending " + unit.name + ": no pod is known for it",
                     {{"OBJECT_SYSTEMD_UNIT", unit.name}});
      systemd.kill_unit(unit.name, SIGKILL, [](const Result<void>&) {});
    }
  });
}

/// Of pods whose files went away while no agent ran, and no record of them was left.
void Agent::release_sandboxes() {
  std::set<std::string> known;
  for (const auto& [key, worker] : workers_) known.insert(sandbox_id(worker->state().pod));
  engine_->release_except(known);
  image_gc_->remove_dead_sandboxes(known);
}

/// What no collection of images may take: also containers that do not run now will start again.
std::set<std::string> Agent::named_images() const {
  std::set<std::string> names;
  for (const auto& [key, worker] : workers_) {
    const spec::Pod& pod = worker->state().pod;
    for (const auto* list : {&pod.init_containers, &pod.containers})
      for (const spec::Container& container : *list) names.insert(container.image);
    for (const spec::Volume& volume : pod.volumes)
      if (const auto* image = std::get_if<spec::ImageVolume>(&volume.source)) names.insert(image->reference);
  }
  return names;
}

}  // namespace podsd::agent
