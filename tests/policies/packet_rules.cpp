// SPDX-License-Identifier: Apache-2.0
#include "policies/packet_rules.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::policies {

BOOST_AUTO_TEST_SUITE(packet_rules)

BOOST_AUTO_TEST_CASE(the_whole_table) {
  const std::string text = packet_rules_text(
      {"pods0", {spec::parse_prefix("10.86.0.0/16").value(), spec::parse_prefix("10.87.0.0/16").value()}});
  BOOST_TEST(text == R"(add table inet podsd
delete table inet podsd
table inet podsd {
  set pods4 {
    type ipv4_addr
    flags interval
    elements = { 10.86.0.0/16, 10.87.0.0/16 }
  }
  set pods6 {
    type ipv6_addr
    flags interval
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    ip saddr @pods4 oifname != "pods0" masquerade
    ip6 saddr @pods6 oifname != "pods0" masquerade
  }
}
)");
}

BOOST_AUTO_TEST_CASE(its_removal) {
  BOOST_TEST(no_packet_rules_text() == "add table inet podsd\ndelete table inet podsd\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::policies
