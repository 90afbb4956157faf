// SPDX-License-Identifier: Apache-2.0
#include "policies/packet_rules.hpp"

namespace podsd::policies {
namespace {

/// A set of all ranges of a family.
std::string range_set(const PacketRules& rules, bool v6) {
  std::string elements;
  for (const spec::IpPrefix& range : rules.ranges)
    if (range.address.v6 == v6) elements += (elements.empty() ? "" : ", ") + spec::to_string(range);
  std::string text = std::string("  set pods") + (v6 ? "6" : "4") + " {\n    type " + (v6 ? "ipv6" : "ipv4") +
                     "_addr\n    flags interval\n";
  if (!elements.empty()) text += "    elements = { " + elements + " }\n";
  return text + "  }\n";
}

}  // namespace

std::string no_packet_rules_text() {
  // An add before the delete: it is no error where the table is missing.
  const std::string table = std::string("table inet ") + packet_table;
  return "add " + table + "\ndelete " + table + "\n";
}

std::string packet_rules_text(const PacketRules& rules) {
  std::string text = no_packet_rules_text() + "table inet " + packet_table + " {\n";
  text += range_set(rules, false) + range_set(rules, true);
  const std::string beyond = " oifname != \"" + rules.bridge + "\" masquerade\n";
  text += "  chain postrouting {\n    type nat hook postrouting priority srcnat\n";
  text += "    ip saddr @pods4" + beyond + "    ip6 saddr @pods6" + beyond + "  }\n";
  return text + "}\n";
}

}  // namespace podsd::policies
