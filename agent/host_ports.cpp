// SPDX-License-Identifier: Apache-2.0
// Which pod has which port of the host: the first one that asks, until it is gone or asks no more.
#include "policies/host_ports.hpp"

#include <syslog.h>

#include "agent/agent.hpp"
#include "agent/journal.hpp"

namespace podsd::agent {
std::string Agent::port_conflict(const PodApplied& change) const {
  std::vector<policies::PortOwner> owners;
  for (const auto& [key, worker] : workers_)
    owners.push_back({key, worker->manifest(), units::claimed_ports(worker->state())});
  return policies::port_conflict({change.key, change.path, policies::host_ports(change.pod)}, owners);
}

/// A pod whose ports another one has is not started, or runs on as it was.
bool Agent::refuse_ports(const PodApplied& change) {
  const std::string conflict = port_conflict(change);
  if (conflict.empty()) {
    without_ports_.erase(change.key);
    return false;
  }
  const auto [entry, first] = without_ports_.try_emplace(change.key);
  const bool said = !first && entry->second.conflict == conflict;
  entry->second = {change, conflict};
  if (Worker* worker = find(change.key))
    worker->post(units::ManifestRefused{conflict});
  else if (!said)
    journal::write(LOG_ERR, conflict, {{"PODSD_MANIFEST", change.path}});
  return true;
}

void Agent::retry_ports() {
  for (const auto& [key, waiting] : std::map(without_ports_)) {
    const std::string conflict = port_conflict(waiting.change);
    if (conflict.empty())
      apply_one(waiting.change);
    else
      without_ports_[key].conflict = conflict;
  }
}

}  // namespace podsd::agent
