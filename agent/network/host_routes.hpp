// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "agent/network/netlink.hpp"

namespace podsd::network {

/// A unicast route of the main table.
struct HostRoute {
  spec::IpPrefix to;         ///< length 0: the default route
  std::uint32_t link = 0;    ///< of the first next hop
  std::uint32_t metric = 0;  ///< less is better
  std::uint32_t mtu = 0;     ///< of the route itself; 0: the link's
};

/// A link as far as routes go.
struct HostLink {
  std::string name;
  std::uint32_t mtu = 0;
  bool up = false;
};

[[nodiscard]] Result<std::vector<HostRoute>> host_routes(Netlink& netlink);

/// By its index. Errors: ENODEV.
[[nodiscard]] Result<HostLink> host_link(Netlink& netlink, std::uint32_t index);

/// Names of the links that are ports of the bridge with that index.
[[nodiscard]] Result<std::set<std::string>> ports_of(Netlink& netlink, std::uint32_t bridge);

/// The addresses of the link with that index, without those of its own making (link-local).
[[nodiscard]] Result<std::set<spec::IpPrefix>> addresses_of(Netlink& netlink, std::uint32_t link);

/// How large a packet of a pod may be: the MTU of the best default route, IPv4's before IPv6's; 1500 without
/// one. Links that vanish meanwhile count as absent.
[[nodiscard]] std::uint32_t uplink_mtu(Netlink& netlink, const std::vector<HostRoute>& routes);

}  // namespace podsd::network
