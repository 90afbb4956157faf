// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "spec/config.hpp"
#include "spec/ip.hpp"
#include "spec/result.hpp"

namespace podsd::network {

/// The pods' ranges on this host: podsd.yaml's; else those `chosen` before; else fresh ones. IPv4's comes
/// first. A host without IPv6 has none of it. Errors: a range of podsd.yaml's, or every default one, collides
/// with `occupied`, the host's routes; IPv6 is asked for and not there.
[[nodiscard]] Result<std::vector<spec::IpPrefix>> pod_ranges(const spec::NetworkConfig& config,
                                                             const std::vector<spec::IpPrefix>& chosen,
                                                             const std::vector<spec::IpPrefix>& occupied);

}  // namespace podsd::network
