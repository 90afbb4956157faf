// SPDX-License-Identifier: Apache-2.0
// Start order, restart policies and back-off.
#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

using spec::RestartPolicy;

BOOST_AUTO_TEST_CASE(sandbox_first_then_all_containers) {
  World w(pod({"a", "b"}));
  BOOST_TEST(w.edit(w.s.pod) == "run-sandbox");
  BOOST_TEST(w(SandboxUp{}) == "start a/1, start b/1");
  BOOST_TEST(w.up("b") == "");
  BOOST_TEST(w.up("a") == "");
  BOOST_TEST((w.at("a").run == Run::running));
  BOOST_TEST(w.at("a").pid == 4001);
}

BOOST_AUTO_TEST_CASE(init_containers_run_one_after_the_other) {
  World w(pod({"a", "b"}, {"i", "j"}));
  w.edit(w.s.pod);
  BOOST_TEST(w(SandboxUp{}) == "start i/1");
  BOOST_TEST(w.up("i") == "");
  BOOST_TEST(w.down("i") == "start j/1");
  BOOST_TEST(w.up("j") == "");
  BOOST_TEST(w.down("j") == "start a/1, start b/1");
}

BOOST_AUTO_TEST_CASE(failed_init_container_is_retried_alone) {
  World w(pod({"a"}, {"i", "j"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  w.up("i");
  BOOST_TEST(w.down("i", 1) == "start i/2");
  w.up("i");
  BOOST_TEST(w.down("i", 1) == "timer i +10s");
  BOOST_TEST(w.timer("i") == "start i/3");
  w.up("i");
  BOOST_TEST(w.down("i", 0) == "start j/1");
}

BOOST_AUTO_TEST_CASE(failed_init_container_under_never_ends_the_pod) {
  World w(pod({"a"}, {"i"}, RestartPolicy::never));
  w.edit(w.s.pod);
  w(SandboxUp{});
  w.up("i");
  BOOST_TEST(w.down("i", 1) == "stop-sandbox");
  BOOST_TEST(w(SandboxDown{}) == "");
  BOOST_TEST((status(w.s).phase == Phase::failed));
  BOOST_TEST(w.at("a").attempt == 0U);
}

BOOST_AUTO_TEST_CASE(restarts_back_off_as_the_kubelet_s) {
  World w(pod({"a"}));
  w.run();
  BOOST_TEST(w.down("a", 1) == "start a/2");
  for (const char* delay : {"+10s", "+20s", "+40s", "+80s", "+160s", "+300s", "+300s"}) {
    w.up("a");
    w.now += second;
    BOOST_TEST(w.down("a", 1) == std::string("timer a ") + delay);
    const std::string next = std::to_string(w.at("a").attempt + 1);
    BOOST_TEST(w.timer("a") == "start a/" + next);
  }
  w.up("a");
  w.now += 600 * second;
  BOOST_TEST(w.down("a", 1) == "start a/10");
  w.up("a");
  BOOST_TEST(w.down("a", 1) == "timer a +10s");
}

BOOST_AUTO_TEST_CASE(always_restarts_after_success_too) {
  World w(pod({"a"}));
  w.run();
  BOOST_TEST(w.down("a", 0) == "start a/2");
}

BOOST_AUTO_TEST_CASE(restart_count_counts_starts_that_got_to_a_process) {
  World w(pod({"a"}));
  w.run();
  BOOST_TEST(w.status_of("a").restart_count == 0U);
  w.down("a", 1);
  w.failed("a", ContainerFailed::Stage::image);
  w.timer("a");
  w.failed("a", ContainerFailed::Stage::image);
  BOOST_TEST(w.status_of("a").restart_count == 0U);
  w.timer("a");
  w.up("a");
  BOOST_TEST(w.status_of("a").restart_count == 1U);
  w.down("a", 1);
  w.timer("a");
  w.up("a");
  BOOST_TEST(w.status_of("a").restart_count == 2U);
}

BOOST_AUTO_TEST_CASE(a_long_run_does_not_turn_failing_starts_into_a_tight_loop) {
  World w(pod({"a"}));
  w.run();
  w.now += 3600 * second;
  BOOST_TEST(w.down("a", 1) == "start a/2");
  BOOST_TEST(w.failed("a", ContainerFailed::Stage::image) == "timer a +10s");
  w.timer("a");
  BOOST_TEST(w.failed("a", ContainerFailed::Stage::image) == "timer a +20s");
}

BOOST_AUTO_TEST_CASE(an_exit_that_overtakes_the_start_does_not_forget_the_back_off) {
  World w(pod({"a"}));
  w.run();
  w.now += 700 * second;
  BOOST_TEST(w.down("a", 1) == "start a/2");
  BOOST_TEST(w.down("a", 1) == "timer a +10s");
  BOOST_TEST(w.at("a").last->started_at == w.now);
}

BOOST_AUTO_TEST_CASE(stale_timers_change_nothing) {
  World w(pod({"a"}));
  w.run();
  w.down("a", 1);
  w.up("a");
  w.down("a", 1);
  const Instant due = w.at("a").deadline;
  BOOST_TEST(w(TimerFired{"a", due - 1}) == "");
  BOOST_TEST(w(TimerFired{"nobody", due}) == "");
  BOOST_TEST(w(TimerFired{"", due}) == "");
  BOOST_TEST(w.timer("a") == "start a/3");
  BOOST_TEST(w(TimerFired{"a", due}) == "");
  BOOST_TEST((w.at("a").run == Run::starting));
}

BOOST_AUTO_TEST_CASE(a_timer_counts_though_the_clock_was_set_back) {
  World w(pod({"a"}));
  w.run();
  w.down("a", 1);
  w.up("a");
  w.down("a", 1);
  const Instant due = w.at("a").deadline;
  w.now -= 3600 * second;
  BOOST_TEST(w(TimerFired{"a", due}) == "start a/3");
}

BOOST_AUTO_TEST_CASE(answers_of_earlier_attempts_change_nothing) {
  World w(pod({"a"}));
  w.run();
  w.down("a", 1);
  BOOST_TEST(w(ContainerUp{"a", 1, 1, ""}) == "");
  BOOST_TEST((w.at("a").run == Run::starting));
  BOOST_TEST(w(ContainerFailed{ContainerFailed::Stage::run, "a", 1, "late"}) == "");
  BOOST_TEST(w(ContainerDown{"a", 1, {.exit_code = 9}, w.now}) == "");
  BOOST_TEST((w.at("a").run == Run::starting));
  BOOST_TEST(w.at("a").last->exit_code == 1);
}

BOOST_AUTO_TEST_CASE(never_stops_the_sandbox_when_all_have_ended) {
  World w(pod({"a", "b"}, {}, RestartPolicy::never));
  w.run();
  BOOST_TEST(w.down("a", 0) == "");
  BOOST_TEST(w.down("b", 0) == "stop-sandbox");
  BOOST_TEST((w.s.stage == Stage::stopping));
  BOOST_TEST(w(SandboxDown{}) == "");
  BOOST_TEST((status(w.s).phase == Phase::succeeded));
  BOOST_TEST(w(ImagesChanged{}) == "");
  BOOST_TEST(w.edit(w.s.pod) == "");
}

BOOST_AUTO_TEST_CASE(on_failure_restarts_failures_only) {
  World w(pod({"a", "b"}, {}, RestartPolicy::on_failure));
  w.run();
  BOOST_TEST(w.down("a", 1) == "start a/2");
  BOOST_TEST(w.down("b", 0) == "");
  w.up("a");
  BOOST_TEST(w.down("a", 0) == "stop-sandbox");
  w(SandboxDown{});
  BOOST_TEST((status(w.s).phase == Phase::succeeded));
}

BOOST_AUTO_TEST_CASE(reports_speak_of_code_and_delay) {
  World w(pod({"a"}));
  w.run();
  w.down("a", 1);
  BOOST_TEST(w.said() == "exited with code 1 (Error), restart 1 now");
  w.up("a");
  w(ContainerDown{"a", 2, {.signal = 9, .scope_oom_kills = 1}, w.now});
  BOOST_TEST(w.said() == "exited with code 137 (OOMKilled), restart 2 in 10s");
  w.timer("a");
  w.failed("a", ContainerFailed::Stage::image, "no such image");
  BOOST_TEST(w.said() == "cannot create: no such image, trying again in 20s");
}

}  // namespace
}  // namespace podsd::tests
