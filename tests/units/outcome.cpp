// SPDX-License-Identifier: Apache-2.0
// When a verb has come to its end.
#include <boost/test/unit_test.hpp>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

const std::string waits = "(waits)";

/// What an operator who asked is told now.
std::string told(const World& w, Verb verb, const std::string& name) {
  return outcome(w.s, {verb, name}).value_or(waits);
}

BOOST_AUTO_TEST_CASE(stop_of_a_container) {
  World w(pod({"a", "b"}));
  w.run();
  w(Asked{Verb::stop, "a"});
  BOOST_TEST(told(w, Verb::stop, "a") == waits);
  w.killed("a", 15);
  BOOST_TEST(told(w, Verb::stop, "a") == "");
}

BOOST_AUTO_TEST_CASE(stop_of_a_pod) {
  World w(pod({"a"}));
  w.run();
  w(Asked{Verb::stop, ""});
  BOOST_TEST(told(w, Verb::stop, "") == waits);
  w.killed("a", 15);
  BOOST_TEST(told(w, Verb::stop, "") == waits);
  w(SandboxDown{});
  BOOST_TEST(told(w, Verb::stop, "") == "");
}

BOOST_AUTO_TEST_CASE(restart_of_a_container) {
  World w(pod({"a", "b"}));
  w.run();
  w(Asked{Verb::restart, "a"});
  BOOST_TEST(told(w, Verb::restart, "a") == waits);
  w.killed("a", 15);
  BOOST_TEST(told(w, Verb::restart, "a") == waits);
  w.up("a");
  BOOST_TEST(told(w, Verb::restart, "a") == "");
}

BOOST_AUTO_TEST_CASE(restart_of_a_pod) {
  World w(pod({"a"}, {"i"}));
  w.run();
  w(Asked{Verb::restart, ""});
  w.killed("a", 15);
  w(SandboxDown{});
  w(SandboxUp{});
  w.up("i");
  BOOST_TEST(told(w, Verb::restart, "") == waits);
  w.down("i");
  BOOST_TEST(told(w, Verb::restart, "") == waits);
  w.up("a");
  BOOST_TEST(told(w, Verb::restart, "") == "");
}

BOOST_AUTO_TEST_CASE(start_that_fails) {
  World w(pod({"a", "b"}));
  w.run();
  w(Asked{Verb::stop, "a"});
  w.killed("a", 15);
  w(Asked{Verb::start, "a"});
  w.failed("a", ContainerFailed::Stage::image, "no such image");
  BOOST_TEST(told(w, Verb::start, "a") == waits);
  w.failed("a", ContainerFailed::Stage::image, "no such image");
  BOOST_TEST(told(w, Verb::start, "a") == "a: ErrImageNeverPull: no such image");
}

BOOST_AUTO_TEST_CASE(start_without_a_sandbox) {
  World w(pod({"a"}));
  w.edit(w.s.pod);
  w(SandboxFailed{"no cgroup"});
  w(SandboxFailed{"no cgroup"});
  BOOST_TEST(told(w, Verb::start, "") == "CreatePodSandboxError: no cgroup");
}

BOOST_AUTO_TEST_CASE(start_of_something_short) {
  World w(pod({"a"}, {}, spec::RestartPolicy::never));
  w.run();
  w.down("a", 0);
  w(SandboxDown{});
  w(Asked{Verb::start, ""});
  BOOST_TEST(told(w, Verb::start, "") == waits);
  w(SandboxUp{});
  w.up("a");
  w.down("a", 0);
  BOOST_TEST(told(w, Verb::start, "") == "");
}

BOOST_AUTO_TEST_CASE(held_containers_are_nothing_to_the_pod_s_start) {
  World w(pod({"a", "b"}));
  w.run();
  w(Asked{Verb::stop, "a"});
  w.killed("a", 15);
  BOOST_TEST(told(w, Verb::start, "") == "");
}

BOOST_AUTO_TEST_CASE(nobody_waits_for_what_another_request_undid) {
  World w(pod({"a"}));
  w.run();
  w(Asked{Verb::restart, ""});
  w(Asked{Verb::stop, ""});
  BOOST_TEST(told(w, Verb::restart, "") == "stopped by a later request");
  w(Asked{Verb::start, ""});
  BOOST_TEST(told(w, Verb::stop, "") == "started by a later request");
  w(ManifestGone{});
  BOOST_TEST(told(w, Verb::start, "") == "the pod is being removed");

  World one(pod({"a", "b"}));
  one.run();
  one(Asked{Verb::restart, "a"});
  one(Asked{Verb::stop, "a"});
  BOOST_TEST(told(one, Verb::restart, "a") == "a: stopped by a later request");
}

}  // namespace
}  // namespace podsd::tests
