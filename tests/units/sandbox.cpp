// SPDX-License-Identifier: Apache-2.0
// Sandboxes that fail or vanish.
#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

BOOST_AUTO_TEST_CASE(failed_sandbox_is_made_again_with_back_off) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  BOOST_TEST(w(SandboxFailed{"no cgroup"}) == "run-sandbox");
  BOOST_TEST(w(SandboxFailed{"no cgroup"}) == "timer pod +10s");
  BOOST_TEST(status(w.s).reason == "CreatePodSandboxError");
  BOOST_TEST(status(w.s).message == "no cgroup");
  BOOST_TEST(w(ImagesChanged{}) == "");
  BOOST_TEST(w(TimerFired{"", w.s.retry_at - 1}) == "");
  BOOST_TEST(w.timer("") == "run-sandbox");
  BOOST_TEST(w(SandboxFailed{"no cgroup"}) == "timer pod +20s");
  w.timer("");
  BOOST_TEST(w(SandboxUp{}) == "start a/1");
  BOOST_TEST(status(w.s).reason == "");
}

BOOST_AUTO_TEST_CASE(an_operator_s_start_does_not_wait_for_the_back_off) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  w(SandboxFailed{"no"});
  w(SandboxFailed{"no"});
  World other = w;
  BOOST_TEST(w(Asked{Verb::start, ""}) == "run-sandbox");
  BOOST_TEST(other(Asked{Verb::start, "a"}) == "run-sandbox");
}

BOOST_AUTO_TEST_CASE(lost_sandbox_is_cleared_away_and_made_again) {
  World w(pod({"a", "b"}, {"i"}));
  w.run();
  BOOST_TEST(w.after(30, SandboxLost{}) == "stop-sandbox");
  BOOST_TEST(w.at("a").last->exit_code == 137);
  BOOST_TEST(w.at("a").last->reason == "ContainerStatusUnknown");
  BOOST_TEST(w.at("a").last->container_id == "podsd://uid-1/a/1");
  BOOST_TEST(w(SandboxDown{}) == "run-sandbox");
  BOOST_TEST(w(SandboxUp{}) == "start i/2");
  w.up("i");
  BOOST_TEST(w.down("i") == "start a/2, start b/2");
  w.up("a");
  BOOST_TEST(w.status_of("a").restart_count == 1U);
}

BOOST_AUTO_TEST_CASE(a_sandbox_that_keeps_ending_is_not_made_in_a_tight_loop) {
  World w(pod({"a"}));
  w.run();
  w(SandboxLost{});
  BOOST_TEST(w(SandboxDown{}) == "run-sandbox");
  w(SandboxUp{});
  w.up("a");
  BOOST_TEST(w(SandboxLost{}) == "stop-sandbox, timer pod +10s");
  BOOST_TEST(w(SandboxDown{}) == "");
  BOOST_TEST(w.timer("") == "run-sandbox");
  w(SandboxUp{});
  w.up("a");
  w.now += 700 * second;
  w(SandboxLost{});
  BOOST_TEST(w(SandboxDown{}) == "run-sandbox");
}

BOOST_AUTO_TEST_CASE(a_lost_sandbox_under_never_ends_the_pod) {
  World w(pod({"a"}, {}, spec::RestartPolicy::never));
  w.run();
  BOOST_TEST(w(SandboxLost{}) == "stop-sandbox");
  BOOST_TEST(w(SandboxDown{}) == "");
  BOOST_TEST((status(w.s).phase == Phase::failed));
}

BOOST_AUTO_TEST_CASE(what_was_held_or_had_ended_stays_so_over_a_lost_sandbox) {
  World w(pod({"a", "b", "c"}, {}, spec::RestartPolicy::on_failure));
  w.run();
  w(Asked{Verb::stop, "a"});
  w.down("a", 0);
  w.down("b", 0);
  w(SandboxLost{});
  w(SandboxDown{});
  BOOST_TEST(w(SandboxUp{}) == "start c/2");
}

BOOST_AUTO_TEST_CASE(late_answers_after_a_lost_sandbox_change_nothing) {
  World w(pod({"a"}));
  w.run();
  w(SandboxLost{});
  BOOST_TEST(w(ContainerDown{"a", 1, {.exit_code = 3}, w.now}) == "");
  BOOST_TEST(w(SandboxLost{}) == "");
  BOOST_TEST(w(SandboxUp{}) == "");
  BOOST_TEST(w.at("a").last->exit_code == 137);
}

BOOST_AUTO_TEST_CASE(a_lost_sandbox_of_a_pod_that_stops) {
  World w(pod({"a"}));
  w.run();
  w(Asked{Verb::stop, ""});
  BOOST_TEST(w(SandboxLost{}) == "stop-sandbox");
  BOOST_TEST(w(SandboxDown{}) == "");
  BOOST_TEST(status(w.s).reason == "Stopped");
}

}  // namespace
}  // namespace podsd::tests
