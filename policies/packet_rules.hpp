// SPDX-License-Identifier: Apache-2.0
// The packet filter's rules of the embedded network, as text for nft(8).
#pragma once

#include <string>
#include <vector>

#include "policies/host_ports.hpp"
#include "spec/ip.hpp"

namespace podsd::policies {

/// podsd's one table, of the family inet. Nothing outside of it is ever touched.
inline constexpr const char* packet_table = "podsd";

/// Where a port of the host leads.
struct PortRule {
  HostPort port;
  spec::IpAddress to;  ///< an address of the pod
};

struct PacketRules {
  std::string bridge;
  std::vector<spec::IpPrefix> ranges;  ///< of the pods; distinct
  std::vector<PortRule> ports;         ///< one for each family in which a port is reached; none collide
};

/// The rules of a pod's ports, for its addresses: an address of the host leads to one of the same family.
[[nodiscard]] std::vector<PortRule> port_rules(const std::vector<HostPort>& ports,
                                               const std::vector<spec::IpPrefix>& addresses);

/// The whole table in place of whatever it held, in one transaction: packets meet the old rules or the new.
/// What pods send beyond the bridge leaves with the host's address. Ports of the host are led to pods, from
/// elsewhere, from the host itself and from pods; those that would be answered past the host are masqueraded,
/// others keep their sender. Nothing is accepted, and nothing dropped but what pods send to the host's
/// loopback addresses, which only ports' way back needs: the rest is the business of the host's own firewall,
/// whose verdict no table can change (nft(8), "VERDICT STATEMENT").
[[nodiscard]] std::string packet_rules_text(const PacketRules& rules);

/// Other ports in a table that is there, in one transaction.
[[nodiscard]] std::string port_changes_text(const std::vector<PortRule>& ports);

/// The table's removal, which no missing table makes fail.
[[nodiscard]] std::string no_packet_rules_text();

}  // namespace podsd::policies
