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

std::string lower(const std::string& protocol) {
  return protocol == "UDP" ? "udp" : protocol == "SCTP" ? "sctp" : "tcp";
}

bool is_any(const PortRule& rule) {
  return !rule.port.host_ip || spec::is_unspecified(*rule.port.host_ip);
}

/// A map of one family from where a packet goes to where it shall go: with the host's address in the key, or
/// for all of them.
struct PortMap {
  bool v6 = false;
  bool any = false;

  [[nodiscard]] std::string name() const { return std::string(any ? "any" : "one") + (v6 ? "6" : "4"); }
  [[nodiscard]] std::string type() const {
    const std::string address = v6 ? "ipv6_addr" : "ipv4_addr";
    return (any ? "" : address + " . ") + "inet_proto . inet_service : " + address + " . inet_service";
  }
  [[nodiscard]] std::string elements(const std::vector<PortRule>& rules) const;
};
constexpr PortMap port_maps[] = {{false, false}, {false, true}, {true, false}, {true, true}};

/// Empty for none, which nft takes as no list.
std::string PortMap::elements(const std::vector<PortRule>& rules) const {
  std::string list;
  for (const PortRule& rule : rules) {
    if (rule.to.v6 != v6 || is_any(rule) != any) continue;
    list += list.empty() ? "{ " : ", ";
    if (!any) list += spec::to_string(*rule.port.host_ip) + " . ";
    list += lower(rule.port.protocol) + " . " + std::to_string(rule.port.host_port) + " : " +
            spec::to_string(rule.to) + " . " + std::to_string(rule.port.pod_port);
  }
  return list.empty() ? list : list + " }";
}

std::string declare(const PortMap& map, const std::vector<PortRule>& rules) {
  const std::string elements = map.elements(rules);
  return "  map " + map.name() + " {\n    type " + map.type() + "\n" +
         (elements.empty() ? "" : "    elements = " + elements + "\n") + "  }\n";
}

std::string port_chains() {
  std::string text = "  chain ports {\n";
  for (const char* family : {"4", "6"}) {
    const std::string ip = *family == '4' ? "ip" : "ip6";
    const std::string dnat = "    meta l4proto { tcp, udp, sctp } dnat " + ip + " to ";
    text += dnat + ip + " daddr . meta l4proto . th dport map @one" + family + "\n";
    text += dnat + "meta l4proto . th dport map @any" + family + "\n";
  }
  text +=
      "  }\n  chain prerouting {\n    type nat hook prerouting priority dstnat\n"
      "    fib daddr type local jump ports\n  }\n";
  return text +
         "  chain output {\n    type nat hook output priority -100\n"
         "    fib daddr type local jump ports\n  }\n";
}

}  // namespace

std::string no_packet_rules_text() {
  // An add before the delete: it is no error where the table is missing.
  const std::string table = std::string("table inet ") + packet_table;
  return "add " + table + "\ndelete " + table + "\n";
}

std::vector<PortRule> port_rules(const std::vector<HostPort>& ports,
                                 const std::vector<spec::IpPrefix>& addresses) {
  std::vector<PortRule> rules;
  for (const HostPort& port : ports)
    for (const spec::IpPrefix& address : addresses)
      if (!port.host_ip || port.host_ip->v6 == address.address.v6) rules.push_back({port, address.address});
  return rules;
}

std::string port_changes_text(const std::vector<PortRule>& ports) {
  std::string text;
  for (const PortMap& map : port_maps) {
    const std::string where = std::string("inet ") + packet_table + " " + map.name();
    const std::string elements = map.elements(ports);
    text += "flush map " + where + "\n";
    if (!elements.empty()) text += "add element " + where + " " + elements + "\n";
  }
  return text;
}

std::string packet_rules_text(const PacketRules& rules) {
  const std::string bridge = "\"" + rules.bridge + "\"";
  std::string text = no_packet_rules_text() + "table inet " + packet_table + " {\n";
  text += range_set(rules, false) + range_set(rules, true);
  for (const PortMap& map : port_maps) text += declare(map, rules.ports);
  text += port_chains();
  text += "  chain loopback {\n    type filter hook prerouting priority raw\n    iifname " + bridge +
          " ip daddr 127.0.0.0/8 drop\n  }\n";
  text += "  chain postrouting {\n    type nat hook postrouting priority srcnat\n";
  text += "    oifname " + bridge + " ip saddr 127.0.0.0/8 masquerade\n";
  for (const char* family : {"4", "6"}) {
    const std::string from = std::string(*family == '4' ? "ip" : "ip6") + " saddr @pods" + family;
    text += "    " + from + " oifname != " + bridge + " masquerade\n";
    text += "    " + from + " oifname " + bridge + " ct status dnat masquerade\n";
  }
  return text + "  }\n}\n";
}

}  // namespace podsd::policies
