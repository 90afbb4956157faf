// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>

#include "spec/result.hpp"

namespace podsd::network {

/// Has the kernel forget UDP conversations with these ports of this host's addresses. Where a packet is led
/// to is decided by the first one of a conversation, and holds for as long as it goes on
/// (nf_conntrack_udp_timeout, nf_conntrack-sysctl.rst); the next packet meets the rules as they are now.
/// Others are left alone, as what pods and this host ask elsewhere. Blocks. Errors: the kernel has no
/// ctnetlink, or no CAP_NET_ADMIN; what was not forgotten then goes on.
[[nodiscard]] Result<void> forget_udp_flows(const std::set<std::uint16_t>& ports);

}  // namespace podsd::network
