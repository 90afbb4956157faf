// SPDX-License-Identifier: Apache-2.0
// The packet filter's rules of the embedded network, as text for nft(8).
#pragma once

#include <string>
#include <vector>

#include "spec/ip.hpp"

namespace podsd::policies {

/// podsd's one table, of the family inet. Nothing outside of it is ever touched.
inline constexpr const char* packet_table = "podsd";

struct PacketRules {
  std::string bridge;
  std::vector<spec::IpPrefix> ranges;  ///< of the pods; distinct
};

/// The whole table in place of whatever it held, in one transaction: packets meet the old rules or the new.
/// What pods send beyond the bridge leaves with the host's address. Nothing is accepted or dropped: that
/// is the business of the host's own firewall, whose verdict no table can change (nft(8), "VERDICT
/// STATEMENT").
[[nodiscard]] std::string packet_rules_text(const PacketRules& rules);

/// The table's removal, which no missing table makes fail.
[[nodiscard]] std::string no_packet_rules_text();

}  // namespace podsd::policies
