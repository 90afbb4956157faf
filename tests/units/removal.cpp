// SPDX-License-Identifier: Apache-2.0
// The file goes away, or comes back, or is refused.
#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

BOOST_AUTO_TEST_CASE(removal_stops_gracefully_then_forgets) {
  World w(pod({"a", "b"}));
  w.run();
  BOOST_TEST(w(ManifestGone{}) == "signal a, timer a +30s, signal b, timer b +30s");
  BOOST_TEST(status(w.s).reason == "Terminating");
  BOOST_TEST(w.killed("a", 15) == "");
  BOOST_TEST(w.killed("b", 15) == "stop-sandbox");
  BOOST_TEST(w(SandboxDown{}) == "forget");
}

BOOST_AUTO_TEST_CASE(what_does_not_stop_is_killed_once) {
  World w(pod({"a"}));
  w.s.pod.termination_grace_period_seconds = 5;
  w.run();
  BOOST_TEST(w(ManifestGone{}) == "signal a, timer a +5s");
  const Instant due = w.at("a").deadline;
  BOOST_TEST(w.timer("a") == "kill a");
  BOOST_TEST(w(TimerFired{"a", due}) == "");
  BOOST_TEST(w.killed("a") == "stop-sandbox");
}

BOOST_AUTO_TEST_CASE(removal_in_every_stage_ends_in_forget) {
  World fresh(pod({"a"}));
  BOOST_TEST(fresh(ManifestGone{}) == "forget");

  World creating(pod({"a"}));
  creating.edit(creating.s.pod);
  BOOST_TEST(creating(ManifestGone{}) == "");
  World fails = creating;
  BOOST_TEST(creating(SandboxUp{}) == "stop-sandbox");
  BOOST_TEST(creating(SandboxDown{}) == "forget");
  BOOST_TEST(fails(SandboxFailed{"no"}) == "forget");

  World retrying(pod({"a"}));
  retrying.edit(retrying.s.pod);
  retrying(SandboxFailed{"no"});
  retrying(SandboxFailed{"no"});
  BOOST_TEST(retrying(ManifestGone{}) == "forget");

  World starting(pod({"a"}));
  starting.edit(starting.s.pod);
  starting(SandboxUp{});
  BOOST_TEST(starting(ManifestGone{}) == "");
  BOOST_TEST(starting.up("a") == "signal a, timer a +30s");
  BOOST_TEST(starting.killed("a", 15) == "stop-sandbox");
  BOOST_TEST(starting(SandboxDown{}) == "forget");

  World backoff(pod({"a"}));
  backoff.run();
  backoff.down("a", 1);
  backoff.up("a");
  backoff.down("a", 1);
  BOOST_TEST(backoff(ManifestGone{}) == "stop-sandbox");
  BOOST_TEST(backoff(SandboxDown{}) == "forget");

  World held(pod({"a"}));
  held.run();
  held(Asked{Verb::stop, ""});
  held.killed("a", 15);
  held(SandboxDown{});
  BOOST_TEST(held(ManifestGone{}) == "forget");

  World over(pod({"a"}, {}, spec::RestartPolicy::never));
  over.run();
  over.down("a");
  BOOST_TEST(over(ManifestGone{}) == "");
  BOOST_TEST(over(SandboxDown{}) == "forget");
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_during_removal_ends_it) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  w(ManifestGone{});
  BOOST_TEST(w.failed("a", ContainerFailed::Stage::image) == "stop-sandbox");
}

BOOST_AUTO_TEST_CASE(a_file_that_comes_back_while_removing_runs_again) {
  World w(pod({"a"}));
  w.run();
  w(ManifestGone{});
  spec::Pod changed = w.s.pod;
  changed.containers[0].image = "localhost/busybox:2";
  BOOST_TEST(w.edit(changed) == "");
  BOOST_TEST(w.killed("a", 15) == "stop-sandbox");
  BOOST_TEST(w(SandboxDown{}) == "run-sandbox");
  BOOST_TEST(w.s.pod.containers[0].image == "localhost/busybox:2");
  BOOST_TEST(w(SandboxUp{}) == "start a/2");
}

BOOST_AUTO_TEST_CASE(a_file_that_comes_back_and_goes_again_is_removed) {
  World w(pod({"a"}));
  w.run();
  w(ManifestGone{});
  w.edit(w.s.pod);
  w(ManifestGone{});
  w.killed("a", 15);
  BOOST_TEST(w(SandboxDown{}) == "forget");
}

BOOST_AUTO_TEST_CASE(verbs_do_not_stop_a_removal) {
  World w(pod({"a"}));
  w.run();
  w(ManifestGone{});
  for (const Verb verb : {Verb::start, Verb::restart, Verb::stop})
    for (const char* name : {"", "a"}) BOOST_TEST(w(Asked{verb, name}) == "");
  w.killed("a", 15);
  BOOST_TEST(w(SandboxDown{}) == "forget");
}

BOOST_AUTO_TEST_CASE(a_refused_file_changes_nothing_that_runs) {
  World w(pod({"a"}));
  w.run();
  BOOST_TEST(w(ManifestRefused{"web.yaml:3:1: error: unknown field"}) == "");
  BOOST_TEST((w.at("a").run == Run::running));
  BOOST_TEST(w.s.manifest_error == "web.yaml:3:1: error: unknown field");
  BOOST_TEST(w.edit(w.s.pod) == "");
  BOOST_TEST(w.s.manifest_error == "");
}

BOOST_AUTO_TEST_CASE(a_refused_file_stays_refused_over_a_restart) {
  World w(pod({"a"}));
  w.run();
  w(ManifestRefused{"bad"});
  w(Asked{Verb::restart, ""});
  w.killed("a", 15);
  BOOST_TEST(w(SandboxDown{}) == "run-sandbox");
  BOOST_TEST(w.s.manifest_error == "bad");
}

BOOST_AUTO_TEST_CASE(a_refused_file_does_not_stop_a_removal) {
  World w(pod({"a"}));
  w.run();
  w(ManifestGone{});
  BOOST_TEST(w(ManifestRefused{"bad"}) == "");
  w.killed("a", 15);
  BOOST_TEST(w(SandboxDown{}) == "forget");
}

}  // namespace
}  // namespace podsd::tests
