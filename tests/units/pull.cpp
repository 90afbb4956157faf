// SPDX-License-Identifier: Apache-2.0
// Containers that wait for their images.
#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

using spec::PullPolicy;

spec::Pod pulling(PullPolicy policy, const std::string& image = "localhost/x:1") {
  spec::Pod p = pod({"a"});
  p.containers[0].image = image;
  p.containers[0].image_pull_policy = policy;
  return p;
}

World world(PullPolicy policy) {
  World w(pulling(policy));
  w.edit(w.s.pod);
  w(SandboxUp{});
  return w;
}

std::string reason(const World& w) {
  return w.status_of("a").state.reason;
}

BOOST_AUTO_TEST_CASE(an_absent_image_is_pulled_and_used) {
  World w = world(PullPolicy::if_not_present);
  BOOST_TEST(w.failed("a", ContainerFailed::Stage::image) == "pull a/1");
  BOOST_TEST(reason(w) == "Pulling");
  BOOST_TEST(w.status_of("a").state.message == "pulling image \"localhost/x:1\"");
  BOOST_TEST(w.pulled("a") == "start a/2");
  BOOST_TEST(w.up("a") == "");
  BOOST_TEST(w.at("a").restarts == 0U);
}

BOOST_AUTO_TEST_CASE(a_pull_says_how_far_it_is) {
  World w = world(PullPolicy::always);
  BOOST_TEST(w(ImagePullProgress{"a", 1, "5 of 10 bytes"}) == "");
  BOOST_TEST(reason(w) == "Pulling");
  BOOST_TEST(w.status_of("a").state.message == "pulling image \"localhost/x:1\": 5 of 10 bytes");
  w(ImagePullProgress{"a", 7, "of another start"});
  w(ImagePullProgress{"b", 1, "of nobody"});
  BOOST_TEST(w.status_of("a").state.message == "pulling image \"localhost/x:1\": 5 of 10 bytes");
  w.pulled("a");
  w(ImagePullProgress{"a", 1, "too late"});
  BOOST_TEST(w.status_of("a").state.message.find("too late") == std::string::npos);
}

/// A container of a pod with an image volume, which it mounts.
World with_volume(PullPolicy own, PullPolicy other) {
  spec::Pod p = pulling(own);
  p.volumes = {{"v", spec::ImageVolume{"localhost/data:1", other}}};
  p.containers[0].volume_mounts = {{"v", "/data"}};
  World w(p);
  w.edit(w.s.pod);
  w(SandboxUp{});
  return w;
}

BOOST_AUTO_TEST_CASE(images_of_volumes_are_pulled_by_their_own_policy) {
  World w = with_volume(PullPolicy::never, PullPolicy::if_not_present);
  BOOST_TEST(w(ContainerFailed{ContainerFailed::Stage::image, "a", 1, "absent", "localhost/data:1"}) ==
             "pull a/1");
  BOOST_TEST(w.status_of("a").state.message == "pulling image \"localhost/data:1\"");
  BOOST_TEST(w.pull_failed("a", "no route") == "timer a +10s");
  BOOST_TEST(reason(w) == "ErrImagePull");
  w.timer("a");
  BOOST_TEST(w(ContainerFailed{ContainerFailed::Stage::image, "a", 2, "absent", "localhost/data:1"}) ==
             "pull a/2");
  BOOST_TEST(w.pulled("a") == "start a/3");
  BOOST_TEST(w.up("a") == "");
}

BOOST_AUTO_TEST_CASE(all_images_that_are_always_pulled_are_pulled_before_a_start) {
  World w = with_volume(PullPolicy::always, PullPolicy::always);
  BOOST_TEST(w.status_of("a").state.message == "pulling image \"localhost/x:1\"");
  BOOST_TEST(w.pulled("a") == "pull a/2");
  BOOST_TEST(w.status_of("a").state.message == "pulling image \"localhost/data:1\"");
  BOOST_TEST(w.pulled("a") == "start a/3");
  w.up("a");
  BOOST_TEST(w.down("a", 1) == "pull a/4");
}

BOOST_AUTO_TEST_CASE(a_volumes_image_that_is_never_pulled) {
  World w = with_volume(PullPolicy::if_not_present, PullPolicy::never);
  for (const std::uint32_t attempt : {1U, 2U})
    w(ContainerFailed{ContainerFailed::Stage::image, "a", attempt, "absent", "localhost/data:1"});
  BOOST_TEST(reason(w) == "ErrImageNeverPull");
}

BOOST_AUTO_TEST_CASE(always_pulls_before_every_start) {
  World w = world(PullPolicy::always);
  BOOST_TEST(reason(w) == "Pulling");
  BOOST_TEST(w.pulled("a") == "start a/2");
  w.up("a");
  BOOST_TEST(w.down("a", 1) == "pull a/3");
  BOOST_TEST(w.pulled("a") == "start a/4");
}

BOOST_AUTO_TEST_CASE(a_pull_that_fails_backs_off) {
  World w = world(PullPolicy::always);
  BOOST_TEST(w.pull_failed("a", "no route") == "timer a +10s");
  BOOST_TEST(reason(w) == "ErrImagePull");
  BOOST_TEST(w.status_of("a").state.message == "no route");
  BOOST_TEST(w.timer("a") == "pull a/2");
  BOOST_TEST(w.pull_failed("a", "no route") == "timer a +20s");
  BOOST_TEST(reason(w) == "ImagePullBackOff");
  BOOST_TEST(w.status_of("a").state.message == "back-off 20s pulling image \"localhost/x:1\": no route");
  w.timer("a");
  w.pulled("a");
  w.up("a");
  w.down("a", 1);
  BOOST_TEST(w.pull_failed("a") == "timer a +10s");
}

BOOST_AUTO_TEST_CASE(an_image_that_is_imported_ends_the_wait) {
  World w = world(PullPolicy::if_not_present);
  w.failed("a", ContainerFailed::Stage::image);
  w.pull_failed("a", "no route");
  BOOST_TEST(w.after(1, ImagesChanged{}) == "start a/2");
  BOOST_TEST(w.up("a") == "");
}

BOOST_AUTO_TEST_CASE(another_image_that_is_imported_does_not) {
  World w = world(PullPolicy::if_not_present);
  w.failed("a", ContainerFailed::Stage::image);
  w.pull_failed("a", "no route");
  w.after(1, ImagesChanged{});
  BOOST_TEST(w.failed("a", ContainerFailed::Stage::image) == "timer a +9s");
  BOOST_TEST(reason(w) == "ImagePullBackOff");
  BOOST_TEST(w.timer("a") == "start a/3");
  BOOST_TEST(w.failed("a", ContainerFailed::Stage::image) == "pull a/3");

  World always = world(PullPolicy::always);
  always.pull_failed("a");
  BOOST_TEST(always.after(1, ImagesChanged{}) == "");
}

BOOST_AUTO_TEST_CASE(an_edit_or_the_end_of_the_pod_ends_the_wait) {
  World w = world(PullPolicy::always);
  BOOST_TEST(w.edit(pulling(PullPolicy::always, "localhost/y:1")) == "pull a/2");
  BOOST_TEST(w(ImagePulled{"a", 1}) == "");
  BOOST_TEST(w(ManifestGone{}) == "stop-sandbox");
  BOOST_TEST(w(ImagePulled{"a", 2}) == "");
  BOOST_TEST(w(SandboxDown{}) == "forget");

  World backing_off = world(PullPolicy::always);
  backing_off.pull_failed("a");
  BOOST_TEST(backing_off.edit(pulling(PullPolicy::always, "localhost/y:1")) == "pull a/2");
}

BOOST_AUTO_TEST_CASE(a_stop_waits_for_no_pull) {
  World w = world(PullPolicy::always);
  BOOST_TEST(w(Asked{Verb::stop, ""}) == "stop-sandbox");
  World one = world(PullPolicy::always);
  BOOST_TEST(one(Asked{Verb::stop, "a"}) == "");
  BOOST_TEST(one.pulled("a") == "");
  BOOST_TEST((one.at("a").run == Run::held));
}

BOOST_AUTO_TEST_CASE(a_new_agent_asks_again) {
  World w = world(PullPolicy::always);
  BOOST_TEST(words(resume(w.s), w.s, w.now) == "pull a/1");
}

}  // namespace
}  // namespace podsd::tests
