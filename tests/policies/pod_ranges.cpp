// SPDX-License-Identifier: Apache-2.0
#include "policies/pod_ranges.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::policies {
namespace {

spec::IpPrefix range(const std::string& text) {
  return spec::parse_prefix(text).value();
}

RangeHost host() {
  RangeHost host{true, std::array<std::uint8_t, 16>{0x12, 0x34, 0x56, 0x78, 0x9a}, {range("192.0.2.0/24")}};
  host.occupied.push_back(range("0.0.0.0/0"));  // the default route
  return host;
}

std::string text(const spec::NetworkConfig& config, const std::vector<spec::IpPrefix>& chosen,
                 const RangeHost& on) {
  const auto ranges = pod_ranges(config, chosen, on);
  if (!ranges) return ranges.error().message();
  std::string out;
  for (const spec::IpPrefix& one : *ranges) out += (out.empty() ? "" : " ") + spec::to_string(one);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ranges_of_pods)

BOOST_AUTO_TEST_CASE(fresh_ones_avoid_the_hosts_routes) {
  RangeHost on = host();
  BOOST_TEST(text({}, {}, on) == "10.87.0.0/16 fd12:3456:789a::/64");
  on.occupied.push_back(range("10.87.128.0/24"));
  BOOST_TEST(text({}, {}, on) == "10.86.0.0/16 fd12:3456:789a::/64");
  on.occupied.push_back(range("10.0.0.0/8"));
  BOOST_TEST(text({}, {}, on) ==
             "the host's routes leave no IPv4 range for pods: set network.ipv4 in podsd.yaml");
}

BOOST_AUTO_TEST_CASE(what_was_chosen_before_stays) {
  BOOST_TEST(text({}, {range("10.80.0.0/16")}, host()) == "10.80.0.0/16 fd12:3456:789a::/64");
}

BOOST_AUTO_TEST_CASE(the_configuration_comes_first) {
  spec::NetworkConfig config;
  config.ipv4.range = range("172.20.0.0/16");
  config.ipv6.off = true;
  BOOST_TEST(text(config, {range("10.80.0.0/16")}, host()) == "172.20.0.0/16");
}

BOOST_AUTO_TEST_CASE(a_collision_is_told) {
  RangeHost on = host();
  on.occupied.push_back(range("10.80.5.0/24"));
  const std::string told =
      "the pods' range 10.80.0.0/16 collides with the host's route to 10.80.5.0/24: set network.ipv4 in "
      "podsd.yaml";
  BOOST_TEST(text({}, {range("10.80.0.0/16")}, on) == told);
  spec::NetworkConfig config;
  config.ipv4.range = range("10.80.0.0/16");
  BOOST_TEST(text(config, {}, on) == told);
}

BOOST_AUTO_TEST_CASE(a_host_without_ipv6) {
  RangeHost on = host();
  on.ipv6 = false;
  BOOST_TEST(text({}, {}, on) == "10.87.0.0/16");
  spec::NetworkConfig config;
  config.ipv6.range = range("fd00::/64");
  BOOST_TEST(text(config, {}, on) == "network.ipv6 of podsd.yaml: this host has no IPv6");
  config = {};
  config.ipv4.off = true;
  BOOST_TEST(text(config, {}, on) == "this host has no IPv6, and network.ipv4 of podsd.yaml is none");
}

BOOST_AUTO_TEST_CASE(a_host_without_an_id) {
  RangeHost on = host();
  on.id.reset();
  BOOST_TEST(text({}, {}, on) ==
             "cannot derive an IPv6 range from the machine's id: set network.ipv6 in podsd.yaml");
  BOOST_TEST(text({}, {range("fd00::/64")}, on) == "10.87.0.0/16 fd00::/64");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::policies
