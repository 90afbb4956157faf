// SPDX-License-Identifier: Apache-2.0
// Which ranges pods get their addresses from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "spec/config.hpp"
#include "spec/ip.hpp"
#include "spec/result.hpp"

namespace podsd::policies {

/// What of a host decides it.
struct RangeHost {
  bool ipv6 = false;                               ///< the kernel has it
  std::optional<std::array<std::uint8_t, 16>> id;  ///< as default_ipv6() takes it; absent: there is none
  std::vector<spec::IpPrefix> occupied;            ///< its routes
};

/// The pods' ranges on this host: podsd.yaml's; else those `chosen` before; else fresh ones. IPv4's comes
/// first. A host without IPv6 has none of it. Errors: a range collides with the host's routes, or every
/// default one does; IPv6 is asked for and not there; no family is left; the host has no id to derive from.
[[nodiscard]] Result<std::vector<spec::IpPrefix>> pod_ranges(const spec::NetworkConfig& config,
                                                             std::span<const spec::IpPrefix> chosen,
                                                             const RangeHost& host);

}  // namespace podsd::policies
