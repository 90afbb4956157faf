// SPDX-License-Identifier: Apache-2.0
// Limits on living units.
#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

constexpr std::int64_t mi = 1 << 20;

spec::Pod with_memory(spec::Pod p, std::int64_t bytes) {
  p.containers[0].resources.limits.memory_bytes = bytes;
  return p;
}

spec::Pod with_cpu(spec::Pod p, std::int64_t milli) {
  p.containers[0].resources.limits.cpu_milli = milli;
  return p;
}

SetLimits last_limits(const World& w) {
  SetLimits found;
  for (const Action& a : w.todo)
    if (const auto* set = std::get_if<SetLimits>(&a)) found = *set;
  return found;
}

BOOST_AUTO_TEST_CASE(an_edit_sets_limits_and_nothing_else) {
  World w(pod({"a"}));
  w.run();
  BOOST_TEST(w.edit(with_memory(w.s.pod, 64 * mi)) ==
             "limits slice MemoryMax=68157440, limits a MemoryMax=67108864");
  const SetLimits set = last_limits(w);
  BOOST_TEST(w(LimitsSet{set.unit, set.properties, ""}) == "");
  BOOST_TEST(w.at("a").attempt == 1U);
  BOOST_TEST(w.edit(w.s.pod) == "");
}

BOOST_AUTO_TEST_CASE(an_edit_that_drops_a_limit_lifts_it) {
  World w(with_memory(pod({"a"}), 64 * mi));
  w.run();
  BOOST_TEST(w.edit(pod({"a"})) == "limits slice MemoryMax=infinity, limits a MemoryMax=infinity");
}

BOOST_AUTO_TEST_CASE(edited_while_starting_the_limit_follows_when_up) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  BOOST_TEST(w.edit(with_memory(w.s.pod, 64 * mi)) == "limits slice MemoryMax=68157440");
  BOOST_TEST(w.up("a") == "limits a MemoryMax=67108864");
}

BOOST_AUTO_TEST_CASE(edited_while_the_sandbox_is_made_the_slice_follows) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  BOOST_TEST(w.edit(with_memory(w.s.pod, 64 * mi)) == "");
  BOOST_TEST(w(SandboxUp{}) == "limits slice MemoryMax=68157440, start a/1");
  BOOST_TEST(w.up("a") == "");
}

BOOST_AUTO_TEST_CASE(a_container_that_is_not_there_gets_its_limits_with_its_start) {
  World w(pod({"a", "b"}));
  w.run();
  w(Asked{Verb::stop, "a"});
  w.killed("a", 15);
  BOOST_TEST(w.edit(with_memory(w.s.pod, 64 * mi)) == "start a/2");
  BOOST_TEST(w.up("a") == "");
}

BOOST_AUTO_TEST_CASE(limits_and_image_of_two_containers_at_once) {
  World w(pod({"a", "b"}));
  w.run();
  spec::Pod edited = w.s.pod;
  edited.containers[0].resources.requests.cpu_milli = 1000;
  edited.containers[1].image = "x:2";
  BOOST_TEST(w.edit(edited) == "limits slice CPUWeight=100, limits a CPUWeight=100, signal b, timer b +30s");
}

BOOST_AUTO_TEST_CASE(a_limit_that_cannot_be_set_is_told_and_tried_again) {
  World w(pod({"a"}));
  w.run();
  w.edit(with_memory(w.s.pod, 64 * mi));
  const SetLimits set = last_limits(w);
  BOOST_TEST(w(LimitsSet{set.unit, set.properties, "permission denied"}) == "");
  BOOST_TEST(w.s.limit_errors.at("pods-web-a.scope") == "permission denied");
  spec::Pod labelled = w.s.pod;
  labelled.labels["x"] = "y";
  BOOST_TEST(w.edit(labelled) == "limits a MemoryMax=67108864");
  w(LimitsSet{set.unit, set.properties, ""});
  BOOST_TEST(w.s.limit_errors.empty());
}

BOOST_AUTO_TEST_CASE(an_error_does_not_outlive_its_unit) {
  World w(pod({"a"}));
  w.run();
  w.edit(with_memory(w.s.pod, 64 * mi));
  const SetLimits set = last_limits(w);
  w(LimitsSet{set.unit, set.properties, "busy"});
  w.down("a", 1);
  BOOST_TEST(w.s.limit_errors.empty());
  w.down("a", 1);  // in back-off now
  w(LimitsSet{set.unit, set.properties, "no such unit"});
  BOOST_TEST(w.s.limit_errors.empty());
}

BOOST_AUTO_TEST_CASE(a_reload_of_systemd_sets_again_what_it_rounds) {
  World w(with_cpu(pod({"a", "b"}), 125));
  w.run();
  w(Asked{Verb::stop, "b"});
  w.killed("b", 15);
  BOOST_TEST(w(SystemdReloaded{}) == "limits a CPUQuotaPerSecUSec=125000");
  BOOST_TEST(w.edit(w.s.pod) == "");
}

BOOST_AUTO_TEST_CASE(whole_percents_survive_a_reload) {
  World w(with_memory(with_cpu(pod({"a"}), 120), 64 * mi));
  w.run();
  BOOST_TEST(w(SystemdReloaded{}) == "");
}

BOOST_AUTO_TEST_CASE(a_reload_while_starting_sets_what_it_rounds_when_up) {
  World w(with_cpu(pod({"a"}), 125));
  w.edit(w.s.pod);
  BOOST_TEST(w(SystemdReloaded{}) == "");
  w(SandboxUp{});
  w(SystemdReloaded{});
  BOOST_TEST(w.up("a") == "limits a CPUQuotaPerSecUSec=125000");
}

BOOST_AUTO_TEST_CASE(a_reload_is_nothing_to_a_pod_that_is_down) {
  World w(pod({"a"}, {}, spec::RestartPolicy::never));
  w.run();
  w.down("a", 0);
  BOOST_TEST(w(SystemdReloaded{}) == "");
  w(SandboxDown{});
  BOOST_TEST(w(SystemdReloaded{}) == "");

  World failing(pod({"a"}));
  failing.edit(failing.s.pod);
  failing(SandboxFailed{"no"});
  failing(SandboxFailed{"no"});
  BOOST_TEST(failing(SystemdReloaded{}) == "");
}

}  // namespace
}  // namespace podsd::tests
