// SPDX-License-Identifier: Apache-2.0
#include "spec/ip.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::spec {
namespace {

std::string canonical(const std::string& text) {
  const auto prefix = parse_prefix(text);
  return prefix ? to_string(*prefix) : "none";
}

IpPrefix prefix(const std::string& text) {
  return parse_prefix(text).value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ip)

BOOST_AUTO_TEST_CASE(is_read_and_written) {
  BOOST_TEST(to_string(parse_ip("192.0.2.1").value()) == "192.0.2.1");
  BOOST_TEST(to_string(parse_ip("2001:DB8:0::1").value()) == "2001:db8::1");
  for (const char* bad :
       {"", "192.0.2", "192.0.2.256", "192.0.2.01", "::g", "1:2:3:4:5:6:7:8:9", "a.b.c.d", " ::1"})
    BOOST_TEST(!parse_ip(bad), bad);
  BOOST_TEST(canonical("192.0.2.1/24") == "192.0.2.1/24");
  BOOST_TEST(canonical("::/0") == "::/0");
  for (const char* bad :
       {"192.0.2.0", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/2x", "fd00::/129"})
    BOOST_TEST(canonical(bad) == "none", bad);
}

BOOST_AUTO_TEST_CASE(range_has_no_host_bits) {
  BOOST_TEST(to_string(range_of(prefix("192.0.2.255/25"))) == "192.0.2.128/25");
  BOOST_TEST(to_string(range_of(prefix("10.1.2.3/0"))) == "0.0.0.0/0");
  BOOST_TEST(to_string(range_of(prefix("fd00:1:2:3:ffff::1/65"))) == "fd00:1:2:3:8000::/65");
  BOOST_TEST(to_string(range_of(prefix("192.0.2.7/32"))) == "192.0.2.7/32");
}

BOOST_AUTO_TEST_CASE(ranges_overlap) {
  BOOST_TEST(overlap(prefix("10.0.0.0/8"), prefix("10.87.0.0/16")));
  BOOST_TEST(overlap(prefix("10.87.3.0/24"), prefix("10.87.0.0/16")));
  BOOST_TEST(!overlap(prefix("10.86.0.0/16"), prefix("10.87.0.0/16")));
  BOOST_TEST(!overlap(prefix("0.0.0.0/0"), prefix("::/0")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::spec
