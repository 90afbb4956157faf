// SPDX-License-Identifier: Apache-2.0
#include "policies/pod_addresses.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::policies {
namespace {

spec::IpPrefix range(const std::string& text) {
  return spec::parse_prefix(text).value();
}

std::string text(const std::optional<Lease>& lease) {
  if (!lease) return "none";
  std::string out = std::to_string(lease->number);
  for (const spec::IpPrefix& address : lease->addresses) out += " " + spec::to_string(address);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pod_addresses)

BOOST_AUTO_TEST_CASE(an_address_and_its_place) {
  BOOST_TEST(spec::to_string(address_at(range("10.87.0.0/16"), 258)) == "10.87.1.2/16");
  BOOST_TEST(spec::to_string(address_at(range("10.87.9.9/16"), gateway_number)) == "10.87.0.1/16");
  BOOST_TEST(spec::to_string(address_at(range("fd00::/64"), 0xFFFFFFFF)) == "fd00::ffff:ffff/64");
  BOOST_TEST(place_of(range("10.87.1.2/16")).value() == 258U);
  BOOST_TEST(place_of(range("fd00::ffff:ffff/64")).value() == 0xFFFFFFFFU);
  BOOST_TEST(!place_of(range("fd00::1:0:0/64")));
}

BOOST_AUTO_TEST_CASE(leases_go_round) {
  const std::vector ranges{range("192.0.2.0/29"), range("fd00::/64")};
  BOOST_TEST(text(next_lease(ranges, {}, 0)) == "2 192.0.2.2/29 fd00::2/64");
  BOOST_TEST(text(next_lease(ranges, {2}, 2)) == "3 192.0.2.3/29 fd00::3/64");
  BOOST_TEST(text(next_lease(ranges, {4, 5}, 3)) == "6 192.0.2.6/29 fd00::6/64");
  // Neither the broadcast address nor one beyond.
  BOOST_TEST(text(next_lease(ranges, {}, 6)) == "2 192.0.2.2/29 fd00::2/64");
  BOOST_TEST(text(next_lease(ranges, {2, 3}, 4000)) == "4 192.0.2.4/29 fd00::4/64");
  BOOST_TEST(text(next_lease(ranges, {2, 3, 4, 5, 6}, 3)) == "none");
  BOOST_TEST(text(next_lease({}, {}, 0)) == "none");
  BOOST_TEST(text(next_lease(std::vector{range("fd00::/120")}, {}, 254)) == "255 fd00::ff/120");
}

BOOST_AUTO_TEST_CASE(default_ranges) {
  const auto chosen = [](std::vector<spec::IpPrefix> occupied) {
    const auto found = default_ipv4(occupied);
    return found ? spec::to_string(*found) : "none";
  };
  BOOST_TEST(chosen({}) == "10.87.0.0/16");
  BOOST_TEST(chosen({range("0.0.0.0/0"), range("10.87.3.0/24"), range("10.86.0.0/15")}) == "10.85.0.0/16");
  BOOST_TEST(chosen({range("10.0.0.0/8")}) == "none");
  const std::array<std::uint8_t, 16> id{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc};
  BOOST_TEST(spec::to_string(default_ipv6(id)) == "fd12:3456:789a::/64");
}

BOOST_AUTO_TEST_CASE(a_mac_follows_the_address) {
  const Lease lease{2, {range("10.87.0.2/16"), range("fd00::2/64")}};
  BOOST_TEST((mac_of(lease) == std::array<std::uint8_t, 6>{0x0A, 0x70, 10, 87, 0, 2}));
  const Lease v6{2, {range("fd00::1:2/64")}};
  BOOST_TEST((mac_of(v6) == std::array<std::uint8_t, 6>{0x0A, 0x70, 0, 1, 0, 2}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::policies
