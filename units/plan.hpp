// SPDX-License-Identifier: Apache-2.0
// units/ owns what systemd is asked for: names, the Plan of a pod's slice and scopes, the difference between
// a plan and what is there, and the pod state machine. It is pure; it knows no bus, no process and no file.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "policies/backoff.hpp"
#include "policies/cgroup.hpp"
#include "spec/pod.hpp"
#include "units/systemd.hpp"

namespace podsd::units {

/// What the pure code must know of the node and of podsd.yaml. Collected once by the agent.
struct NodeFacts {
  std::int64_t memory_capacity = 1LL << 32;  ///< bytes
  std::set<std::string> controllers;  ///< of the root cgroup's cgroup.controllers: "cpu", "memory", "pids", …
  int oom_score_adj_min = -1000;      ///< lowest value that can be written here (CAP_SYS_RESOURCE)
  std::string bus_name;               ///< Controller= of every scope; empty: none
  policies::MemoryPolicy memory;
  policies::BackoffConfig backoff;
  std::uint64_t pod_pids_limit = 4096;   ///< pids.max of a pod and of each of its containers
  std::uint32_t users_first_id = 65536;  ///< where the ids of pods with hostUsers: false begin
  std::uint32_t users_pods = 110;        ///< how many such pods there can be
  bool operator==(const NodeFacts&) const = default;
};

/// One unit to be started by StartTransientUnit. Properties stand in the order in which systemd wants them.
struct UnitPlan {
  std::string name;
  std::vector<Property> properties;
  bool operator==(const UnitPlan&) const = default;
};

struct ContainerPlan {
  std::string name;
  bool init = false;
  UnitPlan scope;
  int oom_score_adj = 0;
  bool operator==(const ContainerPlan&) const = default;
};

/// Everything that one pod asks of systemd.
struct Plan {
  UnitPlan slice;
  UnitPlan sandbox;
  std::vector<ContainerPlan> containers;  ///< init containers first
  std::vector<std::string> warnings;      ///< limits that cannot bind on this node, one sentence each
  bool operator==(const Plan&) const = default;
};

/// The plan of a pod. Deterministic: equal arguments give equal plans. Source of the values:
/// policies/cgroup.hpp.
[[nodiscard]] Plan make_plan(const spec::Pod& pod, const NodeFacts& node);

/// The pod's grace period in microseconds; one beyond thirty years counts as thirty years.
[[nodiscard]] std::int64_t grace_usec(const spec::Pod& pod);

/// The properties of a plan that can be changed while a unit lives (SetUnitProperties): resource control
/// only.
[[nodiscard]] std::vector<Property> live_properties(const UnitPlan& unit);

/// "CPUWeight=100", in systemd's own words and units: for `podsctl plan` and logs.
[[nodiscard]] std::string to_string(const Property& property);

}  // namespace podsd::units
