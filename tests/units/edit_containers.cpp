// SPDX-License-Identifier: Apache-2.0
// Edits of single containers in each of their states.
#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

spec::Pod with_image(spec::Pod p, const char* image) {
  p.containers[0].image = image;
  return p;
}

BOOST_AUTO_TEST_CASE(a_changed_container_restarts_alone) {
  World w(pod({"a", "b"}));
  w.run();
  w.edit(with_image(w.s.pod, "x:2"));
  BOOST_TEST(w.killed("a", 15) == "start a/2");
  BOOST_TEST(w.at("b").attempt == 1U);
  w.up("a");
  BOOST_TEST((w.at("a").after == After::policy));
  BOOST_TEST(w.down("a", 1) == "start a/3");
}

BOOST_AUTO_TEST_CASE(changed_while_starting_it_restarts_when_it_is_up) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  BOOST_TEST(w.edit(with_image(w.s.pod, "x:2")) == "");
  BOOST_TEST(w.up("a") == "signal a, timer a +30s");
  BOOST_TEST(w.killed("a", 15) == "start a/2");
}

BOOST_AUTO_TEST_CASE(changed_while_starting_and_the_start_fails) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  w.edit(with_image(w.s.pod, "x:2"));
  BOOST_TEST(w.failed("a", ContainerFailed::Stage::image) == "start a/2");
}

BOOST_AUTO_TEST_CASE(changed_while_stopping_it_starts_with_the_latest) {
  World w(pod({"a"}));
  w.run();
  w.edit(with_image(w.s.pod, "x:2"));
  BOOST_TEST(w.edit(with_image(w.s.pod, "x:3")) == "");
  BOOST_TEST(w.killed("a", 15) == "start a/2");
  BOOST_TEST(w.s.pod.containers[0].image == "x:3");
}

BOOST_AUTO_TEST_CASE(changed_in_back_off_it_starts_at_once) {
  World w(pod({"a"}));
  w.run();
  w.down("a", 1);
  w.up("a");
  w.down("a", 1);
  World limits = w;
  World labels = w;
  BOOST_TEST(w.edit(with_image(w.s.pod, "x:2")) == "start a/3");
  BOOST_TEST(w.failed("a", ContainerFailed::Stage::image) == "start a/4");

  spec::Pod more = limits.s.pod;
  more.containers[0].resources.limits.memory_bytes = 1 << 30;
  BOOST_TEST(limits.edit(more) == "limits slice MemoryMax=1074790400, start a/3");

  spec::Pod labelled = labels.s.pod;
  labelled.labels["x"] = "y";
  BOOST_TEST(labels.edit(labelled) == "");
}

BOOST_AUTO_TEST_CASE(a_held_container_is_released_by_any_edit) {
  World w(pod({"a", "b"}));
  w.run();
  w(Asked{Verb::stop, "a"});
  World stopping = w;
  w.killed("a", 15);
  BOOST_TEST(w.edit(w.s.pod) == "");
  spec::Pod edited = w.s.pod;
  edited.labels["x"] = "y";
  BOOST_TEST(w.edit(edited) == "start a/2");
  BOOST_TEST(stopping.edit(edited) == "");
  BOOST_TEST(stopping.killed("a", 15) == "start a/2");
}

BOOST_AUTO_TEST_CASE(a_removed_container_goes_after_its_end) {
  World w(pod({"a", "b"}));
  w.run();
  spec::Pod edited = w.s.pod;
  edited.containers.erase(edited.containers.begin());
  BOOST_TEST(w.edit(edited) == "signal a, timer a +30s");
  BOOST_TEST(w.has("a"));
  BOOST_TEST(w.killed("a", 15) == "");
  BOOST_TEST(!w.has("a"));
  BOOST_TEST((w.at("b").run == Run::running));
}

BOOST_AUTO_TEST_CASE(a_removed_container_cannot_be_asked_for) {
  World w(pod({"a", "b"}));
  w.run();
  spec::Pod edited = w.s.pod;
  edited.containers.erase(edited.containers.begin());
  w.edit(edited);
  for (const Verb verb : {Verb::start, Verb::restart, Verb::stop}) BOOST_TEST(w(Asked{verb, "a"}) == "");
  BOOST_TEST(w.killed("a", 15) == "");
  BOOST_TEST(!w.has("a"));
}

BOOST_AUTO_TEST_CASE(a_removed_container_that_comes_back_while_stopping_starts_again) {
  World w(pod({"a", "b"}));
  w.run();
  const spec::Pod both = w.s.pod;
  spec::Pod one = both;
  one.containers.erase(one.containers.begin());
  w.edit(one);
  BOOST_TEST(w.edit(both) == "");
  BOOST_TEST(w.killed("a", 15) == "start a/2");
}

BOOST_AUTO_TEST_CASE(a_removed_container_in_back_off_is_gone_at_once) {
  World w(pod({"a", "b"}));
  w.run();
  w.down("a", 1);
  w.up("a");
  w.down("a", 1);
  const Instant due = w.at("a").deadline;
  spec::Pod edited = w.s.pod;
  edited.containers.erase(edited.containers.begin());
  BOOST_TEST(w.edit(edited) == "");
  BOOST_TEST(!w.has("a"));
  BOOST_TEST(w(TimerFired{"a", due}) == "");
}

BOOST_AUTO_TEST_CASE(a_removed_container_while_starting_is_stopped_when_up) {
  World w(pod({"a", "b"}));
  w.edit(w.s.pod);
  w(SandboxUp{});
  spec::Pod edited = w.s.pod;
  edited.containers.erase(edited.containers.begin());
  BOOST_TEST(w.edit(edited) == "");
  BOOST_TEST(w.up("a") == "signal a, timer a +30s");
}

BOOST_AUTO_TEST_CASE(removing_the_last_running_container_of_a_finished_pod_ends_it) {
  World w(pod({"a", "b"}, {}, spec::RestartPolicy::never));
  w.run();
  w.down("b", 0);
  spec::Pod edited = w.s.pod;
  edited.containers.erase(edited.containers.begin());
  w.edit(edited);
  BOOST_TEST(w.killed("a", 15) == "stop-sandbox");
}

BOOST_AUTO_TEST_CASE(containers_stand_in_the_order_of_the_file) {
  World w(pod({"a", "b"}, {"i"}));
  w.run();
  spec::Pod edited = w.s.pod;
  edited.containers = {container("c"), container("b"), container("a")};
  w.edit(edited);
  std::string order;
  for (const Container& c : w.s.containers) order += c.name;
  BOOST_TEST(order == "icba");
}

BOOST_AUTO_TEST_CASE(an_ended_container_starts_again_where_the_new_policy_says_so) {
  World w(pod({"a", "b", "c"}, {}, spec::RestartPolicy::never));
  w.run();
  w.down("a", 0);
  w.down("b", 1);
  spec::Pod edited = w.s.pod;
  edited.restart_policy = spec::RestartPolicy::on_failure;
  BOOST_TEST(w.edit(edited) == "start b/2");
}

}  // namespace
}  // namespace podsd::tests
