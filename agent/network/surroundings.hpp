// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "agent/network/host_routes.hpp"
#include "policies/pod_ranges.hpp"

namespace podsd::network {

/// What a bridge of pods meets on this host.
struct Surroundings {
  std::vector<HostRoute> routes;
  std::set<std::string> links;  ///< that the host's routes lead to, other than the bridge and loopback
  policies::RangeHost host;     ///< what decides the pods' ranges; occupied: where those routes lead
};

[[nodiscard]] Result<Surroundings> look_around(Netlink& host, const std::string& bridge);

}  // namespace podsd::network
