// SPDX-License-Identifier: Apache-2.0
// Which pod has which port of the host: the first one that asks, until it is gone or asks no more.
#include "policies/host_ports.hpp"

#include <syslog.h>

#include "agent/agent.hpp"
#include "agent/journal.hpp"

namespace podsd::agent {
namespace {

/// Ports that a pod has, or will have once it is made anew.
std::vector<policies::HostPort> claimed(const units::State& state) {
  std::vector<policies::HostPort> ports = policies::host_ports(state.pod);
  if (state.next)
    for (const policies::HostPort& port : policies::host_ports(*state.next)) ports.push_back(port);
  return ports;
}

}  // namespace

/// What is wrong with the ports of a pod, in the form of a diagnostic; empty where nothing is.
std::string Agent::port_conflict(const PodApplied& change) const {
  for (const policies::HostPort& wanted : policies::host_ports(change.pod))
    for (const auto& [key, worker] : workers_) {
      if (key == change.key) continue;
      for (const policies::HostPort& taken : claimed(worker->state()))
        if (policies::collide(wanted, taken))
          return change.path + ":" + std::to_string(wanted.position.line) + ":" +
                 std::to_string(wanted.position.column) + ": error: " + wanted.field + ": " +
                 policies::to_string(wanted) + " of pod " + change.key + " is taken by " +
                 policies::to_string(taken) + " of pod " + key + " in " + worker->manifest();
    }
  return {};
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
