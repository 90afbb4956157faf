// SPDX-License-Identifier: Apache-2.0
#include "units/diff.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

constexpr std::int64_t mi = 1 << 20;

Observed applied(const Plan& plan) {
  Observed all;
  for (const UnitPlan* unit : {&plan.slice, &plan.sandbox}) all[unit->name] = live_properties(*unit);
  for (const ContainerPlan& c : plan.containers) all[c.scope.name] = live_properties(c.scope);
  return all;
}

std::string text(const std::vector<UnitChange>& changes) {
  std::string out;
  for (const UnitChange& change : changes) {
    out += change.unit;
    for (const Property& p : change.properties) out += " " + to_string(p);
    out += "\n";
  }
  return out;
}

Plan plan_of(std::int64_t cpu, std::int64_t memory) {
  spec::Pod p = pod({"app", "side"}, {"init"});
  for (auto* list : {&p.init_containers, &p.containers})
    for (spec::Container& c : *list) c.resources = {{1000, 64 * mi}, {1000, 64 * mi}};
  p.containers[0].resources.limits = {cpu, memory};
  return make_plan(p, node());
}

BOOST_AUTO_TEST_CASE(nothing_to_do_for_what_is_there) {
  const Plan plan = plan_of(1000, 64 * mi);
  BOOST_TEST(diff(plan, applied(plan)).empty());
}

BOOST_AUTO_TEST_CASE(a_changed_limit_changes_its_unit_and_the_slice) {
  BOOST_TEST(text(diff(plan_of(1000, 96 * mi), applied(plan_of(1000, 64 * mi)))) ==
             "pods-web.slice MemoryMax=168820736\n"
             "pods-web-app.scope MemoryMax=100663296\n");
}

BOOST_AUTO_TEST_CASE(a_dropped_limit_is_lifted) {
  BOOST_TEST(text(diff(plan_of(0, 64 * mi), applied(plan_of(1000, 64 * mi)))) ==
             "pods-web.slice CPUQuotaPerSecUSec=infinity\n"
             "pods-web-app.scope CPUQuotaPerSecUSec=infinity\n");
}

BOOST_AUTO_TEST_CASE(units_that_are_not_there_are_left_out) {
  Observed observed = applied(plan_of(1000, 64 * mi));
  observed.erase("pods-web-app.scope");
  observed["pods-other.slice"] = {};
  BOOST_TEST(text(diff(plan_of(1000, 96 * mi), observed)) == "pods-web.slice MemoryMax=168820736\n");
}

BOOST_AUTO_TEST_CASE(a_unit_of_which_nothing_is_known_gets_everything) {
  const Plan plan = plan_of(1000, 64 * mi);
  const auto changes = diff(plan, {{"pods-web-side.scope", {}}});
  BOOST_REQUIRE(changes.size() == 1U);
  BOOST_TEST((changes[0].properties == live_properties(plan.containers.at(2).scope)));
}

BOOST_AUTO_TEST_CASE(applying_a_diff_leaves_none) {
  Observed observed = applied(plan_of(1000, 64 * mi));
  const Plan wanted = plan_of(250, 128 * mi);
  for (const UnitChange& change : diff(wanted, observed))
    for (const Property& p : change.properties)
      *std::ranges::find(observed[change.unit], p.name, &Property::name) = p;
  BOOST_TEST(diff(wanted, observed).empty());
}

}  // namespace
}  // namespace podsd::tests
