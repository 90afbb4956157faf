// SPDX-License-Identifier: Apache-2.0
#include "units/plan.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <limits>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

constexpr std::int64_t mi = 1 << 20;

std::string property(const UnitPlan& unit, const std::string& name) {
  for (const Property& p : unit.properties)
    if (p.name == name) return to_string(p);
  return "";
}

spec::Pod limited() {
  spec::Pod p = pod({"app"});
  p.containers[0].resources = {{500, 64 * mi}, {100, 32 * mi}};
  return p;
}

BOOST_AUTO_TEST_CASE(scope_carries_the_limits_in_systemd_s_units) {
  const UnitPlan scope = make_plan(limited(), node()).containers.at(0).scope;
  BOOST_TEST(property(scope, "CPUWeight") == "CPUWeight=17");
  BOOST_TEST(property(scope, "CPUQuotaPerSecUSec") == "CPUQuotaPerSecUSec=500000");
  BOOST_TEST(property(scope, "MemoryMax") == "MemoryMax=67108864");
  BOOST_TEST(property(scope, "MemoryHigh") == "MemoryHigh=infinity");
  BOOST_TEST(property(scope, "MemorySwapMax") == "MemorySwapMax=0");
  BOOST_TEST(property(scope, "TasksMax") == "TasksMax=4096");
  BOOST_TEST(property(scope, "OOMPolicy") == "OOMPolicy=kill");
  BOOST_TEST(property(scope, "TimeoutStopUSec") == "TimeoutStopUSec=40000000");
  BOOST_TEST(property(scope, "Slice") == "Slice=pods-web.slice");
  BOOST_TEST(property(scope, "AddRef") == "AddRef=yes");
  BOOST_TEST(property(scope, "After") == "After=pods-web.scope podsd.service");
}

BOOST_AUTO_TEST_CASE(slice_adds_the_sandbox_to_the_memory_limit) {
  const UnitPlan slice = make_plan(limited(), node()).slice;
  BOOST_TEST(property(slice, "MemoryMax") == "MemoryMax=68157440");
  BOOST_TEST(property(slice, "CPUQuotaPerSecUSec") == "CPUQuotaPerSecUSec=500000");
}

BOOST_AUTO_TEST_CASE(throttling_factor_sets_memory_high) {
  NodeFacts facts = node();
  facts.memory.throttling_factor = 0.5;
  BOOST_TEST(property(make_plan(limited(), facts).containers.at(0).scope, "MemoryHigh") ==
             "MemoryHigh=50331648");
}

BOOST_AUTO_TEST_CASE(controller_only_where_there_is_a_bus) {
  NodeFacts facts = node();
  BOOST_TEST(property(make_plan(limited(), facts).sandbox, "Controller") == "");
  facts.bus_name = "org.podsd1";
  BOOST_TEST(property(make_plan(limited(), facts).sandbox, "Controller") == "Controller=org.podsd1");
}

BOOST_AUTO_TEST_CASE(init_containers_come_first) {
  const Plan plan = make_plan(pod({"a", "b"}, {"i", "j"}), node());
  std::string order;
  for (const ContainerPlan& c : plan.containers) order += c.name + (c.init ? "! " : " ");
  BOOST_TEST(order == "i! j! a b ");
}

BOOST_AUTO_TEST_CASE(no_property_is_given_twice) {
  const Plan plan = make_plan(limited(), node());
  for (const UnitPlan& unit : {plan.slice, plan.sandbox, plan.containers.at(0).scope}) {
    std::set<std::string> seen;
    for (const Property& p : unit.properties)
      BOOST_TEST(seen.insert(p.name).second, unit.name << " " << p.name);
  }
}

BOOST_AUTO_TEST_CASE(plans_are_deterministic) {
  BOOST_TEST((make_plan(limited(), node()) == make_plan(limited(), node())));
}

BOOST_AUTO_TEST_CASE(live_properties_are_resource_control_only) {
  const Plan plan = make_plan(limited(), node());
  std::string names;
  for (const Property& p : live_properties(plan.containers.at(0).scope)) names += p.name + " ";
  BOOST_TEST(names == "CPUWeight CPUQuotaPerSecUSec MemoryMax MemoryHigh MemorySwapMax TasksMax ");
  BOOST_TEST(live_properties(plan.slice).size() == 6U);
  BOOST_TEST(live_properties(plan.sandbox).empty());
}

BOOST_AUTO_TEST_CASE(missing_controllers_are_warned_of_only_where_they_matter) {
  NodeFacts bare;
  BOOST_TEST(make_plan(limited(), node()).warnings.empty());
  BOOST_TEST(make_plan(limited(), bare).warnings.size() == 3U);
  BOOST_TEST(make_plan(pod({"app"}), bare).warnings.size() == 1U);
  spec::Pod request_only = pod({"app"});
  request_only.containers[0].resources.requests = {100, 64 * mi};
  BOOST_TEST(make_plan(request_only, bare).warnings.size() == 2U);
}

BOOST_AUTO_TEST_CASE(oom_score_adj_is_not_below_what_can_be_written) {
  spec::Pod guaranteed = pod({"app"});
  guaranteed.containers[0].resources.limits = {500, 64 * mi};
  NodeFacts facts = node();
  BOOST_TEST(make_plan(guaranteed, facts).containers.at(0).oom_score_adj == -997);
  facts.oom_score_adj_min = 0;
  const Plan plan = make_plan(guaranteed, facts);
  BOOST_TEST(plan.containers.at(0).oom_score_adj == 0);
  BOOST_TEST(plan.warnings.size() == 1U);
}

BOOST_AUTO_TEST_CASE(grace_periods) {
  spec::Pod p = pod({"app"});
  p.termination_grace_period_seconds = 5;
  BOOST_TEST(grace_usec(p) == 5 * second);
  BOOST_TEST(property(make_plan(p, node()).containers.at(0).scope, "TimeoutStopUSec") ==
             "TimeoutStopUSec=15000000");
  p.termination_grace_period_seconds = std::numeric_limits<std::int64_t>::max();
  BOOST_TEST(grace_usec(p) == 1'000'000'000 * second);
}

BOOST_AUTO_TEST_CASE(words_of_properties) {
  BOOST_TEST(to_string(Property{"A", true}) == "A=yes");
  BOOST_TEST(to_string(Property{"A", false}) == "A=no");
  BOOST_TEST(to_string(Property{"A", std::uint32_t{7}}) == "A=7");
  BOOST_TEST(to_string(Property{"A", unlimited}) == "A=infinity");
  BOOST_TEST(to_string(Property{"A", std::string("x y")}) == "A=x y");
  BOOST_TEST(to_string(Property{"A", std::vector<std::string>{"x", "y"}}) == "A=x y");
  BOOST_TEST(to_string(Property{"A", std::vector<std::uint8_t>{1, 255}}) == "A=1 255");
}

}  // namespace
}  // namespace podsd::tests
