// SPDX-License-Identifier: Apache-2.0
#include "policies/host_ports.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::policies {
namespace {

HostPort port(const std::string& protocol, const std::string& ip, std::uint16_t number) {
  return {protocol, spec::parse_ip(ip), number, 80};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(host_ports_of_pods)

BOOST_AUTO_TEST_CASE(come_from_containers) {
  spec::Pod pod;
  pod.containers.resize(2);
  pod.containers[0].ports = {{"", 80, "TCP"}, {"", 81, "TCP", 8081}};
  pod.containers[1].ports = {{"", 53, "UDP", 53, spec::parse_ip("192.0.2.1")}};
  const auto ports = host_ports(pod);
  BOOST_REQUIRE(ports.size() == 2U);
  BOOST_TEST(to_string(ports[0]) == "8081/TCP");
  BOOST_TEST(ports[0].pod_port == 81);
  BOOST_TEST(ports[0].field == "spec.containers[0].ports[1].hostPort");
  BOOST_TEST(to_string(ports[1]) == "192.0.2.1:53/UDP");
  BOOST_TEST(to_string(port("TCP", "2001:db8::1", 80)) == "[2001:db8::1]:80/TCP");
}

BOOST_AUTO_TEST_CASE(collide_where_an_address_is_common) {
  const HostPort all = port("TCP", "", 80);
  BOOST_TEST(collide(all, all));
  BOOST_TEST(!collide(all, port("UDP", "", 80)));
  BOOST_TEST(!collide(all, port("TCP", "", 81)));
  BOOST_TEST(collide(all, port("TCP", "192.0.2.1", 80)));
  BOOST_TEST(collide(port("TCP", "2001:db8::1", 80), all));
  BOOST_TEST(collide(port("TCP", "0.0.0.0", 80), port("TCP", "192.0.2.1", 80)));
  BOOST_TEST(!collide(port("TCP", "0.0.0.0", 80), port("TCP", "2001:db8::1", 80)));
  BOOST_TEST(!collide(port("TCP", "0.0.0.0", 80), port("TCP", "::", 80)));
  BOOST_TEST(!collide(port("TCP", "192.0.2.1", 80), port("TCP", "192.0.2.2", 80)));
  BOOST_TEST(collide(port("TCP", "192.0.2.1", 80), port("TCP", "192.0.2.1", 80)));
}

BOOST_AUTO_TEST_CASE(stay_with_who_has_them) {
  HostPort wanted = port("TCP", "", 80);
  wanted.field = "spec.containers[0].ports[0].hostPort";
  wanted.position = {7, 9};
  const PortOwner asker = {"default/late", "/etc/pods.d/late.yaml", {port("TCP", "", 81), wanted}};
  const PortOwner first = {"default/first", "/etc/pods.d/first.yaml", {port("TCP", "192.0.2.1", 80)}};
  const PortOwner other = {"default/other", "/etc/pods.d/other.yaml", {port("UDP", "", 80)}};
  BOOST_TEST(port_conflict(asker, {other}) == "");
  BOOST_TEST(port_conflict(asker, {other, first}) ==
             "/etc/pods.d/late.yaml:7:9: error: spec.containers[0].ports[0].hostPort: 80/TCP of pod "
             "default/late is taken by 192.0.2.1:80/TCP of pod default/first in /etc/pods.d/first.yaml");
  BOOST_TEST(port_conflict(asker, {asker}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::policies
