// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "policies/network_check.hpp"

namespace podsd::network {

/// Where a packet filter that is not podsd's ends packets of pods. `ruleset` is `nft --json list ruleset`
/// (libnftables-json(5)). It follows jumps and verdict maps of interfaces as a first packet of a connection
/// would; a match that it cannot judge (addresses, sets, marks) counts as true before accept, as false before
/// drop. `bridged`: packets from pod to pod pass it too (br_netfilter). What it names is real, what it does
/// not name may still be.
[[nodiscard]] std::vector<policies::Barrier> foreign_barriers(const nlohmann::json& ruleset,
                                                              const std::string& bridge, bool bridged);

}  // namespace podsd::network
