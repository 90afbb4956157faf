// SPDX-License-Identifier: Apache-2.0
#include "policies/network_check.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::policies {
namespace {

NetworkFacts good() {
  NetworkFacts facts;
  facts.bridge = "pods0";
  facts.pods = facts.bridge_there = facts.bridge_up = facts.rules_there = true;
  return facts;
}

std::string first(const NetworkFacts& facts) {
  const auto problems = network_problems(facts);
  return problems.empty() ? "" : problems.front().what;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(network_checks)

BOOST_AUTO_TEST_CASE(nothing_is_wrong) {
  BOOST_TEST(first(good()) == "");
  NetworkFacts none;  // before the first pod
  none.bridge = "pods0";
  BOOST_TEST(first(none) == "");
}

BOOST_AUTO_TEST_CASE(what_is_missing) {
  NetworkFacts facts = good();
  facts.bridge_there = facts.rules_there = false;
  const auto problems = network_problems(facts);
  BOOST_REQUIRE(problems.size() == 2U);
  BOOST_TEST(problems[0].what == "the bridge pods0 is missing");
  BOOST_TEST(problems[0].remedy == "systemctl restart podsd makes it again");
  BOOST_TEST(problems[1].what == "the packet filter's table inet podsd is missing");
  facts = good();
  facts.bridge_up = false;
  BOOST_TEST(first(facts) == "the bridge pods0 is down");
  facts = good();
  facts.missing = {spec::parse_prefix("10.87.0.1/16").value()};
  BOOST_TEST(first(facts) == "the bridge pods0 has lost its address 10.87.0.1/16, the pods' gateway");
  facts = good();
  facts.rules_asked = facts.rules_there = false;
  BOOST_TEST(first(facts) == "the packet filter cannot be read");
}

BOOST_AUTO_TEST_CASE(what_stands_in_the_way) {
  NetworkFacts facts = good();
  facts.not_forwarding4 = {"eth0", "pods0"};
  facts.not_forwarding6 = {"eth1"};
  facts.barriers = {{Barrier::Way::from_pods, "inet filter", "forward", true},
                    {Barrier::Way::to_pods, "ip filter", "FORWARD", false},
                    {Barrier::Way::to_host, "inet filter", "input", true},
                    {Barrier::Way::among_pods, "inet filter", "forward", true}};
  facts.faults = {"the pods' range collides"};
  const auto problems = network_problems(facts);
  BOOST_REQUIRE(problems.size() == 7U);
  BOOST_TEST(problems[0].what == "the pods' range collides");
  BOOST_TEST(problems[1].what == "IPv4 forwarding is off for eth0, pods0: pods are cut off there");
  BOOST_TEST(problems[2].what == "IPv6 forwarding is off for eth1: pods are cut off there");
  BOOST_TEST(
      problems[3].what ==
      "the packet filter's table inet filter, chain forward, drops what pods send to other hosts by its"
      " policy");
  BOOST_TEST(problems[3].remedy ==
             "a rule such as `nft insert rule inet filter forward iifname pods0 accept` lets it through, in a"
             " place that lasts");
  BOOST_TEST(problems[4].what ==
             "the packet filter's table ip filter, chain FORWARD, drops what others send to pods' host ports"
             " by a rule");
  BOOST_TEST(problems[5].what ==
             "the packet filter's table inet filter, chain input, drops what pods send to this host by its"
             " policy");
  BOOST_TEST(problems[6].what ==
             "the packet filter's table inet filter, chain forward, drops what pods send to each other by its"
             " policy, as br_netfilter asks it about bridged packets");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::policies
