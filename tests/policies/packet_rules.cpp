// SPDX-License-Identifier: Apache-2.0
#include "policies/packet_rules.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::policies {
namespace {

spec::IpPrefix prefix(const std::string& text) {
  return spec::parse_prefix(text).value();
}

const std::vector ranges{prefix("10.87.0.0/16"), prefix("fd00::/64")};
const std::vector addresses{prefix("10.87.0.2/16"), prefix("fd00::2/64")};
const std::vector<HostPort> ports{{"TCP", {}, 8080, 80},
                                  {"UDP", spec::parse_ip("0.0.0.0"), 53, 5353},
                                  {"SCTP", spec::parse_ip("192.0.2.1"), 99, 98},
                                  {"TCP", spec::parse_ip("2001:db8::1"), 81, 80}};

}  // namespace

BOOST_AUTO_TEST_SUITE(packet_rules)

BOOST_AUTO_TEST_CASE(the_whole_table) {
  const std::string text = packet_rules_text({"pods0", ranges, port_rules(ports, addresses)});
  BOOST_TEST(text == R"(add table inet podsd
delete table inet podsd
table inet podsd {
  set pods4 {
    type ipv4_addr
    flags interval
    elements = { 10.87.0.0/16 }
  }
  set pods6 {
    type ipv6_addr
    flags interval
    elements = { fd00::/64 }
  }
  map one4 {
    type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
    elements = { 192.0.2.1 . sctp . 99 : 10.87.0.2 . 98 }
  }
  map any4 {
    type inet_proto . inet_service : ipv4_addr . inet_service
    elements = { tcp . 8080 : 10.87.0.2 . 80, udp . 53 : 10.87.0.2 . 5353 }
  }
  map one6 {
    type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service
    elements = { 2001:db8::1 . tcp . 81 : fd00::2 . 80 }
  }
  map any6 {
    type inet_proto . inet_service : ipv6_addr . inet_service
    elements = { tcp . 8080 : fd00::2 . 80 }
  }
  chain ports {
    meta l4proto { tcp, udp, sctp } dnat ip to ip daddr . meta l4proto . th dport map @one4
    meta l4proto { tcp, udp, sctp } dnat ip to meta l4proto . th dport map @any4
    meta l4proto { tcp, udp, sctp } dnat ip6 to ip6 daddr . meta l4proto . th dport map @one6
    meta l4proto { tcp, udp, sctp } dnat ip6 to meta l4proto . th dport map @any6
  }
  chain prerouting {
    type nat hook prerouting priority dstnat
    fib daddr type local jump ports
  }
  chain output {
    type nat hook output priority -100
    fib daddr type local jump ports
  }
  chain loopback {
    type filter hook prerouting priority raw
    iifname "pods0" ip daddr 127.0.0.0/8 drop
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "pods0" ip saddr 127.0.0.0/8 masquerade
    ip saddr @pods4 oifname != "pods0" masquerade
    ip saddr @pods4 oifname "pods0" ct status dnat masquerade
    ip6 saddr @pods6 oifname != "pods0" masquerade
    ip6 saddr @pods6 oifname "pods0" ct status dnat masquerade
  }
}
)");
}

BOOST_AUTO_TEST_CASE(other_ports) {
  BOOST_TEST(port_changes_text(port_rules(ports, addresses)) == R"(flush map inet podsd one4
add element inet podsd one4 { 192.0.2.1 . sctp . 99 : 10.87.0.2 . 98 }
flush map inet podsd any4
add element inet podsd any4 { tcp . 8080 : 10.87.0.2 . 80, udp . 53 : 10.87.0.2 . 5353 }
flush map inet podsd one6
add element inet podsd one6 { 2001:db8::1 . tcp . 81 : fd00::2 . 80 }
flush map inet podsd any6
add element inet podsd any6 { tcp . 8080 : fd00::2 . 80 }
)");
  BOOST_TEST(port_changes_text({}) ==
             "flush map inet podsd one4\nflush map inet podsd any4\n"
             "flush map inet podsd one6\nflush map inet podsd any6\n");
}

BOOST_AUTO_TEST_CASE(its_removal) {
  BOOST_TEST(no_packet_rules_text() == "add table inet podsd\ndelete table inet podsd\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::policies
