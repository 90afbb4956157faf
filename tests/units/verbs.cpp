// SPDX-License-Identifier: Apache-2.0
// What operators ask for.
#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

BOOST_AUTO_TEST_CASE(a_stopped_container_stays_stopped_until_told_to_start) {
  World w(pod({"a", "b"}));
  w.run();
  BOOST_TEST(w(Asked{Verb::stop, "a"}) == "signal a, timer a +30s");
  BOOST_TEST(w(Asked{Verb::stop, "a"}) == "");
  BOOST_TEST(w.down("a", 1) == "");
  BOOST_TEST((w.at("a").run == Run::held));
  BOOST_TEST(w(ImagesChanged{}) == "");
  BOOST_TEST(w(Asked{Verb::start, "a"}) == "start a/2");
  w.up("a");
  BOOST_TEST(w.down("a", 1) == "start a/3");
}

BOOST_AUTO_TEST_CASE(what_systemd_stopped_while_no_agent_was_there_is_held) {
  World w(pod({"a", "b"}));
  w.run();
  BOOST_TEST(w(ContainerDown{"a", 1, {.signal = 15}, w.now, true}) == "");
  BOOST_TEST((w.at("a").run == Run::held));
  BOOST_TEST(w(Asked{Verb::start, "a"}) == "start a/2");
  w(Asked{Verb::restart, "b"});
  BOOST_TEST(w(ContainerDown{"b", 1, {.signal = 15}, w.now, true}) == "start b/2");
}

BOOST_AUTO_TEST_CASE(a_restart_starts_it_anew_without_back_off) {
  World w(pod({"a", "b"}, {}, spec::RestartPolicy::never));
  w.run();
  BOOST_TEST(w(Asked{Verb::restart, "a"}) == "signal a, timer a +30s");
  BOOST_TEST(w.timer("a") == "kill a");
  BOOST_TEST(w.killed("a") == "start a/2");
  w.up("a");
  BOOST_TEST(w.down("a", 0) == "");
  BOOST_TEST((w.at("a").run == Run::ended));
  BOOST_TEST(w(Asked{Verb::restart, "a"}) == "start a/3");
}

BOOST_AUTO_TEST_CASE(start_and_restart_end_a_back_off) {
  for (const Verb verb : {Verb::start, Verb::restart}) {
    World w(pod({"a"}));
    w.run();
    w.down("a", 1);
    w.up("a");
    w.down("a", 1);
    BOOST_TEST(w(Asked{verb, "a"}) == "start a/3");
    w.up("a");
    BOOST_TEST(w.down("a", 1) == "start a/4");
  }
}

BOOST_AUTO_TEST_CASE(stop_in_back_off_holds) {
  World w(pod({"a"}));
  w.run();
  w.down("a", 1);
  w.up("a");
  w.down("a", 1);
  const Instant due = w.at("a").deadline;
  BOOST_TEST(w(Asked{Verb::stop, "a"}) == "");
  w.now = due;
  BOOST_TEST(w(TimerFired{"a", due}) == "");
  BOOST_TEST((w.s.stage == Stage::up));
}

BOOST_AUTO_TEST_CASE(stop_while_starting_waits_for_the_start) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  BOOST_TEST(w(Asked{Verb::stop, "a"}) == "");
  World changed_mind = w;
  BOOST_TEST(w.up("a") == "signal a, timer a +30s");
  BOOST_TEST(w.killed("a", 15) == "");
  BOOST_TEST(changed_mind(Asked{Verb::start, "a"}) == "");
  BOOST_TEST(changed_mind.up("a") == "");
}

BOOST_AUTO_TEST_CASE(start_while_stopping_starts_after_the_end) {
  World w(pod({"a"}));
  w.run();
  w(Asked{Verb::stop, "a"});
  World whole = w;
  BOOST_TEST(w(Asked{Verb::start, "a"}) == "");
  BOOST_TEST(w.killed("a", 15) == "start a/2");
  BOOST_TEST(whole(Asked{Verb::start, ""}) == "");
  BOOST_TEST(whole.killed("a", 15) == "start a/2");
}

BOOST_AUTO_TEST_CASE(start_of_what_runs_changes_nothing) {
  World w(pod({"a"}));
  w.run();
  BOOST_TEST(w(Asked{Verb::start, "a"}) == "");
  BOOST_TEST(w(Asked{Verb::start, ""}) == "");
  BOOST_TEST(w(Asked{Verb::restart, "nobody"}) == "");
}

BOOST_AUTO_TEST_CASE(a_stopped_pod_stays_stopped_until_told_to_start) {
  World w(pod({"a", "b"}, {"i"}));
  w.run();
  BOOST_TEST(w(Asked{Verb::stop, ""}) == "signal a, timer a +30s, signal b, timer b +30s");
  BOOST_TEST(w.down("a", 0) == "");
  BOOST_TEST(w.down("b", 1) == "stop-sandbox");
  BOOST_TEST(w(SandboxDown{}) == "");
  BOOST_TEST(w(ImagesChanged{}) == "");
  BOOST_TEST(w(SystemdReloaded{}) == "");
  BOOST_TEST(w(Asked{Verb::start, ""}) == "run-sandbox");
  BOOST_TEST(w(SandboxUp{}) == "start i/2");
}

BOOST_AUTO_TEST_CASE(a_stopped_pod_shows_no_back_off) {
  World w(pod({"a", "b"}));
  w.run();
  w.down("a", 1);
  w.up("a");
  w.down("a", 1);
  w(Asked{Verb::stop, ""});
  BOOST_TEST(w.at("a").deadline == 0);
  BOOST_TEST((w.status_of("a").state.kind == ContainerState::Kind::terminated));
}

BOOST_AUTO_TEST_CASE(restart_of_a_pod_makes_it_again) {
  World w(pod({"a"}, {"i"}));
  w.run();
  BOOST_TEST(w(Asked{Verb::restart, ""}) == "signal a, timer a +30s");
  BOOST_TEST(w.killed("a", 15) == "stop-sandbox");
  BOOST_TEST(w(SandboxDown{}) == "run-sandbox");
  BOOST_TEST(w(SandboxUp{}) == "start i/2");
}

BOOST_AUTO_TEST_CASE(restart_of_a_pod_releases_what_was_held) {
  World w(pod({"a", "b"}));
  w.run();
  w(Asked{Verb::stop, "a"});
  w.killed("a", 15);
  w(Asked{Verb::restart, ""});
  w.killed("b", 15);
  w(SandboxDown{});
  BOOST_TEST(w(SandboxUp{}) == "start a/2, start b/2");
}

BOOST_AUTO_TEST_CASE(a_container_stopped_while_its_pod_is_made_again_is_not_started) {
  World w(pod({"a", "b"}));
  w.run();
  w(Asked{Verb::restart, ""});
  w(Asked{Verb::stop, "a"});
  w.killed("a", 15);
  w.killed("b", 15);
  w(SandboxDown{});
  BOOST_TEST(w(SandboxUp{}) == "start b/2");
  BOOST_TEST(w(Asked{Verb::start, ""}) == "start a/2");
}

BOOST_AUTO_TEST_CASE(one_container_of_a_stopped_pod_is_started_alone) {
  World w(pod({"a", "b"}, {"i"}));
  w.run();
  w(Asked{Verb::stop, ""});
  World stopping = w;
  w.killed("a", 15);
  w.killed("b", 15);
  World going_down = w;
  w(SandboxDown{});
  BOOST_TEST(w(Asked{Verb::start, "b"}) == "run-sandbox");
  BOOST_TEST(w(SandboxUp{}) == "start i/2");
  w.up("i");
  BOOST_TEST(w.down("i") == "start b/2");

  BOOST_TEST(going_down(Asked{Verb::start, "b"}) == "");
  BOOST_TEST(going_down(SandboxDown{}) == "run-sandbox");

  BOOST_TEST(stopping(Asked{Verb::start, "b"}) == "");
  BOOST_TEST(stopping.killed("b", 15) == "start b/2");
  BOOST_TEST(stopping.killed("a", 15) == "");
  BOOST_TEST((stopping.at("a").run == Run::held));
}

BOOST_AUTO_TEST_CASE(a_finished_pod_starts_again_when_asked) {
  for (const char* name : {"", "a"}) {
    World w(pod({"a"}, {"i"}, spec::RestartPolicy::never));
    w.run();
    w.down("a", 1);
    World stopping = w;
    w(SandboxDown{});
    BOOST_TEST(w(Asked{Verb::start, name}) == "run-sandbox");
    BOOST_TEST(stopping(Asked{Verb::start, name}) == "");
    BOOST_TEST(stopping(SandboxDown{}) == "run-sandbox");
  }
}

BOOST_AUTO_TEST_CASE(a_pod_whose_init_failed_starts_again_when_a_container_is_asked_for) {
  World w(pod({"a"}, {"i"}, spec::RestartPolicy::never));
  w.edit(w.s.pod);
  w(SandboxUp{});
  w.up("i");
  w.down("i", 1);
  w(SandboxDown{});
  BOOST_TEST(w(Asked{Verb::start, "a"}) == "run-sandbox");
  BOOST_TEST(w(SandboxUp{}) == "start i/2");
}

BOOST_AUTO_TEST_CASE(an_init_container_that_is_done_is_left_alone) {
  World w(pod({"a"}, {"i"}));
  w.run();
  for (const Verb verb : {Verb::start, Verb::restart, Verb::stop}) BOOST_TEST(w(Asked{verb, "i"}) == "");
  BOOST_TEST(w.down("a", 1) == "start a/2");
}

BOOST_AUTO_TEST_CASE(a_held_init_container_holds_the_pod) {
  World w(pod({"a"}, {"i"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  w.up("i");
  BOOST_TEST(w(Asked{Verb::stop, "i"}) == "signal i, timer i +30s");
  BOOST_TEST(w.killed("i", 15) == "");
  BOOST_TEST(w(Asked{Verb::start, ""}) == "start i/2");
}

BOOST_AUTO_TEST_CASE(stop_of_a_pod_whose_sandbox_is_being_made) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  BOOST_TEST(w(Asked{Verb::stop, ""}) == "");
  World fails = w;
  BOOST_TEST(w(SandboxUp{}) == "stop-sandbox");
  BOOST_TEST(fails(SandboxFailed{"no"}) == "");
  BOOST_TEST((fails.s.stage == Stage::down));
}

BOOST_AUTO_TEST_CASE(stop_of_an_ended_container_does_not_keep_its_pod_up) {
  World w(pod({"a", "b"}, {}, spec::RestartPolicy::never));
  w.run();
  w.down("a", 0);
  w(Asked{Verb::stop, "a"});
  BOOST_TEST(w.down("b", 0) == "stop-sandbox");
}

}  // namespace
}  // namespace podsd::tests
