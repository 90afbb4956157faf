// SPDX-License-Identifier: Apache-2.0
// What the embedded network asks of rtnetlink(7), as values.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "agent/network/netlink.hpp"
#include "spec/ip.hpp"

namespace podsd::network {

using Mac = std::array<std::uint8_t, 6>;

/// A bridge without multicast snooping, which would drop IPv6's neighbour discovery where no querier is. Its
/// own link layer address stays whatever ports come and go. EEXIST where a link of that name is there.
[[nodiscard]] Message add_bridge(const std::string& name, const Mac& mac);

struct Veth {
  std::string host_end;   ///< name on the host
  std::string pod_end;    ///< name in the pod
  std::string alias;      ///< of the host's end, for people (ip link)
  int netns = -1;         ///< of the pod: that end is made there and is never seen on the host
  Mac mac{};              ///< of the pod's end
  std::uint32_t mtu = 0;  ///< of both
};

/// Both ends of a veth(4), down.
[[nodiscard]] Message add_veth(const Veth& veth);

/// Makes a link a port of the bridge with that index, up, with no addresses of its own.
[[nodiscard]] Message add_port(const std::string& name, std::uint32_t bridge);

/// Lets a port of a bridge send back what came from it: where br_netfilter is, a pod's packet to its own port
/// of the host is turned round in the bridge, not behind it. To be run after add_port().
[[nodiscard]] Message reflect(const std::string& name);

/// Sets MTU and takes it up.
[[nodiscard]] Message take_link_up(const std::string& name, std::uint32_t mtu);

/// An address that needs no duplicate address detection: podsd gives it to one only. Again is no error.
[[nodiscard]] Message add_address(std::uint32_t link, const spec::IpPrefix& address);

[[nodiscard]] Message add_default_route(std::uint32_t link, const spec::IpAddress& gateway);

/// ENODEV where there is none.
[[nodiscard]] Message delete_link(const std::string& name);

/// The index of a link in the namespace of that socket. Errors: ENODEV.
[[nodiscard]] Result<std::uint32_t> link_index(Netlink& netlink, const std::string& name);

}  // namespace podsd::network
