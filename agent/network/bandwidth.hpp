// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "agent/network/netlink.hpp"
#include "spec/pod.hpp"

namespace podsd::network {

/// The two ends of an attached pod's veth(4).
struct PodLink {
  std::string host_end;
  std::string pod;  ///< PodRequest::id: where its namespace is pinned
  std::uint32_t mtu = 0;
};

/// Limits what passes to the pod at the host's end, and what passes from it at the pod's end, each by a
/// tc-tbf(8); where `before` had a limit that `wanted` has not, it goes. A pod with NET_ADMIN can take the
/// latter away. Errors: no such pod; a kernel without sch_tbf.
[[nodiscard]] Result<void> limit_bandwidth(Netlink& host, const PodLink& link, const spec::Bandwidth& before,
                                           const spec::Bandwidth& wanted);

}  // namespace podsd::network
