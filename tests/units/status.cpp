// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

using Kind = ContainerState::Kind;

Condition condition(const World& w, const std::string& type) {
  const PodStatus all = status(w.s);
  const auto it = std::ranges::find(all.conditions, type, &Condition::type);
  BOOST_REQUIRE(it != all.conditions.end());
  return *it;
}

BOOST_AUTO_TEST_CASE(a_pod_on_its_way_up) {
  World w(pod({"a"}, {"i"}));
  w.edit(w.s.pod);
  BOOST_TEST((status(w.s).phase == Phase::pending));
  BOOST_TEST(status(w.s).start_time == dawn);
  BOOST_TEST(w.status_of("i").state.reason == "ContainerCreating");
  BOOST_TEST(w.status_of("a").state.reason == "PodInitializing");
  w(SandboxUp{});
  w.up("i");
  BOOST_TEST((w.status_of("i").state.kind == Kind::running));
  BOOST_TEST((status(w.s).phase == Phase::pending));
  w.down("i");
  BOOST_TEST(w.status_of("i").ready);
  BOOST_TEST((w.status_of("i").state.kind == Kind::terminated));
  BOOST_TEST(w.status_of("a").state.reason == "ContainerCreating");
  w.up("a");
  BOOST_TEST((status(w.s).phase == Phase::running));
}

BOOST_AUTO_TEST_CASE(a_running_container) {
  World w(pod({"a"}));
  w.run();
  const ContainerStatus c = w.status_of("a");
  BOOST_TEST(c.image == "localhost/busybox:1");
  BOOST_TEST(c.image_id == "sha256:1");
  BOOST_TEST(c.container_id == "podsd://uid-1/a/1");
  BOOST_TEST(c.unit == "pods-web-a.scope");
  BOOST_TEST(c.ready);
  BOOST_TEST(c.started);
  BOOST_TEST(c.pid == 4001);
  BOOST_TEST(c.state.started_at == dawn);
  BOOST_TEST(!c.last_state);
}

BOOST_AUTO_TEST_CASE(a_crash_loop) {
  World w(pod({"a"}));
  w.run();
  w.down("a", 1);
  w.up("a");
  w.now += 5 * second;
  w(ContainerDown{"a", 2, {.signal = 9, .unit_result_oom = true}, w.now});
  const ContainerStatus c = w.status_of("a");
  BOOST_TEST((c.state.kind == Kind::waiting));
  BOOST_TEST(c.state.reason == "CrashLoopBackOff");
  BOOST_TEST(c.state.message == "back-off 10s restarting failed container");
  BOOST_TEST(c.last_state->reason == "OOMKilled");
  BOOST_TEST(c.last_state->exit_code == 137);
  BOOST_TEST(c.last_state->signal == 9);
  BOOST_TEST(c.last_state->started_at == dawn);
  BOOST_TEST(c.last_state->finished_at == dawn + 5 * second);
  BOOST_TEST(c.restart_count == 1U);
  BOOST_TEST(!c.ready);
  BOOST_TEST(c.pid == 0);
  BOOST_TEST((status(w.s).phase == Phase::running));
}

BOOST_AUTO_TEST_CASE(a_stopped_container) {
  World w(pod({"a", "b"}));
  w.edit(w.s.pod);
  w(Asked{Verb::stop, "a"});
  BOOST_TEST(w.status_of("a").state.reason == "Stopped");
  w(SandboxUp{});
  w.up("b");
  BOOST_TEST(condition(w, "Ready").message == "containers with unready status: [a]");
}

BOOST_AUTO_TEST_CASE(reasons_of_the_pod) {
  World w(pod({"a"}));
  w.run();
  w(Asked{Verb::stop, ""});
  BOOST_TEST(status(w.s).reason == "Stopping");
  w.killed("a", 15);
  w(SandboxDown{});
  BOOST_TEST(status(w.s).reason == "Stopped");
  w(Asked{Verb::start, ""});
  BOOST_TEST(status(w.s).reason == "");
  w(SandboxUp{});
  w.up("a");
  w(Asked{Verb::restart, ""});
  BOOST_TEST(status(w.s).reason == "Terminating");
}

BOOST_AUTO_TEST_CASE(qos) {
  World w(pod({"a"}));
  BOOST_TEST(status(w.s).qos_class == "BestEffort");
}

BOOST_AUTO_TEST_CASE(conditions_are_stamped_when_they_change) {
  World w(pod({"a"}, {"i"}));
  w.edit(w.s.pod);
  BOOST_TEST(condition(w, "PodScheduled").status);
  BOOST_TEST(!condition(w, "Initialized").status);
  BOOST_TEST(condition(w, "Initialized").last_transition == dawn);
  w.after(1, SandboxUp{});
  w.up("i");
  w.now += second;
  w.down("i");
  BOOST_TEST(condition(w, "Initialized").status);
  BOOST_TEST(condition(w, "Initialized").last_transition == dawn + 2 * second);
  BOOST_TEST(condition(w, "Ready").reason == "ContainersNotReady");
  BOOST_TEST(condition(w, "Ready").last_transition == dawn);
  w.now += second;
  w.up("a");
  BOOST_TEST(condition(w, "Ready").status);
  BOOST_TEST(condition(w, "ContainersReady").last_transition == dawn + 3 * second);
  w.after(9, ImagesChanged{});
  BOOST_TEST(condition(w, "Ready").last_transition == dawn + 3 * second);
  BOOST_TEST(condition(w, "PodScheduled").last_transition == dawn);
}

BOOST_AUTO_TEST_CASE(a_finished_pod_is_not_ready_because_it_is_complete) {
  World w(pod({"a"}, {}, spec::RestartPolicy::never));
  w.run();
  w.down("a", 0);
  BOOST_TEST(!condition(w, "Ready").status);
  BOOST_TEST(condition(w, "Ready").reason == "PodCompleted");
}

BOOST_AUTO_TEST_CASE(a_refused_manifest_shows) {
  World w(pod({"a"}));
  w.run();
  BOOST_TEST(condition(w, "ManifestValid").status);
  w.after(1, ManifestRefused{"web.yaml:1:1: error: bad"});
  BOOST_TEST(!condition(w, "ManifestValid").status);
  BOOST_TEST(condition(w, "ManifestValid").message == "web.yaml:1:1: error: bad");
  BOOST_TEST(condition(w, "ManifestValid").last_transition == dawn + second);
}

BOOST_AUTO_TEST_CASE(a_limit_that_does_not_bind_shows) {
  World w(pod({"a"}));
  w.run();
  BOOST_TEST(condition(w, "LimitsBound").status);
  spec::Pod edited = w.s.pod;
  edited.containers[0].resources.limits.cpu_milli = 100;
  w.edit(edited);
  w(LimitsSet{"pods-web-a.scope", {}, "permission denied"});
  BOOST_TEST(!condition(w, "LimitsBound").status);
  BOOST_TEST(condition(w, "LimitsBound").message == "pods-web-a.scope: permission denied");
  rebind(w.s, NodeFacts{});
  w(ImagesChanged{});
  BOOST_TEST(condition(w, "LimitsBound").message.starts_with("cpu requests and limits do not bind"));
}

}  // namespace
}  // namespace podsd::tests
