// SPDX-License-Identifier: Apache-2.0
// Starts that fail.
#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

using Failed = ContainerFailed::Stage;

BOOST_AUTO_TEST_CASE(missing_image_is_retried_with_back_off) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  BOOST_TEST(w.failed("a", Failed::image, "no image localhost/x:1") == "start a/2");
  BOOST_TEST(w.failed("a", Failed::image, "no image localhost/x:1") == "timer a +10s");
  const ContainerStatus c = w.status_of("a");
  BOOST_TEST((c.state.kind == ContainerState::Kind::waiting));
  BOOST_TEST(c.state.reason == "ErrImageNeverPull");
  BOOST_TEST(c.state.message == "no image localhost/x:1");
  BOOST_TEST((status(w.s).phase == Phase::pending));
}

BOOST_AUTO_TEST_CASE(an_image_that_appears_is_used_at_once) {
  World w(pod({"a", "b"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  w.up("b");
  w.failed("a", Failed::image);
  w.failed("a", Failed::image);
  BOOST_TEST(w(ImagesChanged{}) == "start a/3");
  BOOST_TEST(w.up("a") == "");
}

BOOST_AUTO_TEST_CASE(images_are_nothing_to_a_crash_loop) {
  World w(pod({"a"}));
  w.run();
  w.down("a", 1);
  w.up("a");
  w.down("a", 1);
  BOOST_TEST(w(ImagesChanged{}) == "");
  BOOST_TEST(w.timer("a") == "start a/3");
}

BOOST_AUTO_TEST_CASE(a_bundle_that_cannot_be_made_is_retried_whatever_the_policy) {
  World w(pod({"a"}, {}, spec::RestartPolicy::never));
  w.edit(w.s.pod);
  w(SandboxUp{});
  w.failed("a", Failed::create, "hostPath is no directory");
  BOOST_TEST(w.failed("a", Failed::create, "hostPath is no directory") == "timer a +10s");
  BOOST_TEST(w.status_of("a").state.reason == "CreateContainerError");
  BOOST_TEST(!w.at("a").last);
}

BOOST_AUTO_TEST_CASE(a_command_that_cannot_run_is_an_end_with_128) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  w.failed("a", Failed::run, "exec /nope: no such file");
  BOOST_TEST(w.failed("a", Failed::run, "exec /nope: no such file") == "timer a +10s");
  const ContainerStatus c = w.status_of("a");
  BOOST_TEST(c.state.reason == "RunContainerError");
  BOOST_TEST(c.state.message == "exec /nope: no such file");
  BOOST_TEST(c.last_state->reason == "StartError");
  BOOST_TEST(c.last_state->exit_code == 128);
  BOOST_TEST(c.last_state->container_id == "podsd://uid-1/a/2");
}

BOOST_AUTO_TEST_CASE(a_command_that_cannot_run_under_never_ends_the_pod) {
  World w(pod({"a"}, {}, spec::RestartPolicy::never));
  w.edit(w.s.pod);
  w(SandboxUp{});
  BOOST_TEST(w.failed("a", Failed::run, "exec /nope: no such file") == "stop-sandbox");
  w(SandboxDown{});
  BOOST_TEST((status(w.s).phase == Phase::failed));
  BOOST_TEST(w.status_of("a").state.terminated->reason == "StartError");
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_while_it_is_being_stopped_is_not_retried) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  BOOST_TEST(w(Asked{Verb::stop, "a"}) == "");
  BOOST_TEST(w.failed("a", Failed::run) == "");
  BOOST_TEST((w.at("a").run == Run::held));
}

BOOST_AUTO_TEST_CASE(a_failed_init_start_is_retried_before_anything_else) {
  World w(pod({"a"}, {"i"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  BOOST_TEST(w.failed("i", Failed::image) == "start i/2");
  BOOST_TEST(w.failed("i", Failed::image) == "timer i +10s");
  BOOST_TEST(w.status_of("a").state.reason == "PodInitializing");
  BOOST_TEST(w(ImagesChanged{}) == "start i/3");
}

}  // namespace
}  // namespace podsd::tests
