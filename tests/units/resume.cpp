// SPDX-License-Identifier: Apache-2.0
// What a freshly started agent takes up again.
#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

std::string resumed(const World& w) {
  return words(resume(w.s), w.s, w.now);
}

BOOST_AUTO_TEST_CASE(nothing_for_a_pod_that_runs_or_is_down) {
  World w(pod({"a"}));
  BOOST_TEST(resumed(w) == "");
  w.run();
  BOOST_TEST(resumed(w) == "");
}

BOOST_AUTO_TEST_CASE(timers_of_back_off_and_grace) {
  World w(pod({"a", "b"}));
  w.run();
  w.down("a", 1);
  w.up("a");
  w.down("a", 1);
  w(Asked{Verb::stop, "b"});
  w.now += 4 * second;
  BOOST_TEST(resumed(w) == "timer a +6s, timer b +26s");
}

BOOST_AUTO_TEST_CASE(a_kill_that_may_not_have_been_sent) {
  World w(pod({"a"}));
  w.run();
  w(ManifestGone{});
  w.timer("a");
  BOOST_TEST(resumed(w) == "kill a");
}

BOOST_AUTO_TEST_CASE(the_sandbox_s_back_off) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  w(SandboxFailed{"no"});
  w(SandboxFailed{"no"});
  BOOST_TEST(resumed(w) == "timer pod +10s");
}

BOOST_AUTO_TEST_CASE(a_stop_that_was_under_way) {
  World w(pod({"a"}));
  w.run();
  w(ManifestGone{});
  w.killed("a", 15);
  BOOST_TEST(resumed(w) == "stop-sandbox");
}

BOOST_AUTO_TEST_CASE(rebinding_gives_the_plan_back) {
  World w(pod({"a"}));
  w.run();
  const Plan before = w.s.plan;
  w.s.plan = {};
  w.s.node = {};
  rebind(w.s, node());
  BOOST_TEST((w.s.plan == before));
  BOOST_TEST(w.edit(w.s.pod) == "");
}

}  // namespace
}  // namespace podsd::tests
