// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/runtime.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::network::cni {

BOOST_AUTO_TEST_SUITE(cni_runtime)

BOOST_AUTO_TEST_CASE(ports_and_bandwidth_by_the_conventions) {
  PodRequest pod;
  BOOST_TEST(runtime_of(pod) == Json::object());
  pod.ports = {{"TCP", {}, 8080, 80}, {"SCTP", spec::parse_ip("2001:db8::1"), 99, 98}};
  pod.bandwidth = {1'500'000, {}};
  BOOST_TEST(runtime_of(pod) == Json::parse(R"({"portMappings": [
    {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
    {"hostPort": 99, "containerPort": 98, "protocol": "sctp", "hostIP": "2001:db8::1"}],
    "bandwidth": {"ingressRate": 1500000, "ingressBurst": 2147483647}})"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::network::cni
