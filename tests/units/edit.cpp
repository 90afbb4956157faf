// SPDX-License-Identifier: Apache-2.0
// Edits of what the pod's containers share, and edits in odd moments.
#include <boost/test/unit_test.hpp>
#include <functional>

#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

using Change = std::function<void(spec::Pod&)>;

struct Row {
  const char* what;
  Change change;
  const char* todo;
};

const std::string made_again = "signal a, timer a +30s, signal b, timer b +30s";

const Row rows[] = {
    {"nothing", [](spec::Pod&) {}, ""},
    {"its place in the file",
     [](spec::Pod& p) {
       p.position = p.containers[0].position = {7, 3};
     },
     ""},
    {"no uid", [](spec::Pod& p) { p.uid.clear(); }, ""},
    {"labels", [](spec::Pod& p) { p.labels["tier"] = "front"; }, ""},
    {"annotations", [](spec::Pod& p) { p.annotations["note"] = "x"; }, ""},
    {"ports",
     [](spec::Pod& p) {
       p.containers[0].ports.push_back({"http", 80, "TCP"});
     },
     ""},
    {"pull policy", [](spec::Pod& p) { p.containers[0].image_pull_policy = spec::PullPolicy::never; }, ""},
    {"grace period", [](spec::Pod& p) { p.termination_grace_period_seconds = 1; }, ""},
    {"restart policy", [](spec::Pod& p) { p.restart_policy = spec::RestartPolicy::never; }, ""},
    {"image", [](spec::Pod& p) { p.containers[0].image = "x:2"; }, "signal a, timer a +30s"},
    {"command", [](spec::Pod& p) { p.containers[1].command = {"x"}; }, "signal b, timer b +30s"},
    {"args", [](spec::Pod& p) { p.containers[1].args = {"x"}; }, "signal b, timer b +30s"},
    {"env",
     [](spec::Pod& p) {
       p.containers[1].env = {{"A", "1"}};
     },
     "signal b, timer b +30s"},
    {"user", [](spec::Pod& p) { p.containers[1].security.run_as_user = 5; }, "signal b, timer b +30s"},
    {"mounts",
     [](spec::Pod& p) {
       p.containers[1].volume_mounts = {{"v", "/v", false}};
     },
     "signal b, timer b +30s"},
    {"order", [](spec::Pod& p) { std::swap(p.containers[0], p.containers[1]); }, ""},
    {"container gone", [](spec::Pod& p) { p.containers.pop_back(); }, "signal b, timer b +30s"},
    {"container new", [](spec::Pod& p) { p.containers.push_back(container("c")); }, "start c/1"},
    {"volumes",
     [](spec::Pod& p) {
       p.volumes = {{"v", spec::EmptyDir{}}};
     },
     made_again.c_str()},
    {"host network", [](spec::Pod& p) { p.host_network = true; }, made_again.c_str()},
    {"host users", [](spec::Pod& p) { p.host_users = false; }, made_again.c_str()},
    {"hostname", [](spec::Pod& p) { p.names.hostname = "x"; }, made_again.c_str()},
    {"host aliases",
     [](spec::Pod& p) {
       p.names.host_aliases = {{"192.0.2.1", {"x"}}};
     },
     made_again.c_str()},
    {"uid", [](spec::Pod& p) { p.uid = "uid-2"; }, made_again.c_str()},
    {"init container", [](spec::Pod& p) { p.init_containers.push_back(container("i")); }, made_again.c_str()},
};

BOOST_AUTO_TEST_CASE(an_edit_restarts_the_least_it_can) {
  for (const Row& row : rows) BOOST_TEST_CONTEXT(row.what) {
      World w(pod({"a", "b"}));
      w.run();
      spec::Pod edited = w.s.pod;
      row.change(edited);
      BOOST_TEST(w.edit(edited) == row.todo);
      BOOST_TEST(w.edit(edited) == "");
      BOOST_TEST(w.s.pod.uid == "uid-1");
    }
}

spec::Pod with_volume(spec::Pod p, const char* name) {
  p.volumes = {{name, spec::EmptyDir{}}};
  return p;
}

BOOST_AUTO_TEST_CASE(a_pod_that_is_made_again_counts_its_attempts_on) {
  World w(pod({"a"}, {"i"}));
  w.run();
  w.edit(with_volume(w.s.pod, "v"));
  w.killed("a", 15);
  BOOST_TEST(w(SandboxDown{}) == "run-sandbox");
  BOOST_TEST(w(SandboxUp{}) == "start i/2");
  w.up("i");
  BOOST_TEST(w.down("i") == "start a/2");
  BOOST_TEST(w.status_of("a").restart_count == 0U);
}

BOOST_AUTO_TEST_CASE(the_latest_of_several_edits_counts) {
  World w(pod({"a"}));
  w.run();
  w.edit(with_volume(w.s.pod, "v"));
  w.edit(with_volume(w.s.pod, "w"));
  w.killed("a", 15);
  w(SandboxDown{});
  BOOST_TEST(w.s.pod.volumes.at(0).name == "w");
  BOOST_TEST(!w.s.next);
}

BOOST_AUTO_TEST_CASE(a_stop_between_edit_and_new_pod_does_not_lose_the_edit) {
  World w(pod({"a"}));
  w.run();
  w.edit(with_volume(w.s.pod, "v"));
  w(Asked{Verb::stop, ""});
  w.killed("a", 15);
  BOOST_TEST(w(SandboxDown{}) == "");
  BOOST_TEST(w.edit(with_volume(w.s.pod, "v")) == "");
  World one = w;
  BOOST_TEST(w(Asked{Verb::start, ""}) == "run-sandbox");
  BOOST_TEST(w.s.pod.volumes.size() == 1U);
  BOOST_TEST(one(Asked{Verb::start, "a"}) == "run-sandbox");
  BOOST_TEST(one.s.pod.volumes.size() == 1U);
  BOOST_TEST(one(SandboxUp{}) == "start a/2");
}

BOOST_AUTO_TEST_CASE(edit_of_a_pod_whose_sandbox_is_being_made) {
  World w(pod({"a", "b"}));
  w.edit(w.s.pod);
  spec::Pod edited = w.s.pod;
  edited.containers = {container("b", "x:2"), container("c")};
  BOOST_TEST(w.edit(edited) == "");
  BOOST_TEST(w(SandboxUp{}) == "start b/1, start c/1");
  BOOST_TEST(!w.has("a"));
}

BOOST_AUTO_TEST_CASE(edit_of_a_pod_whose_sandbox_cannot_be_made) {
  World w(pod({"a", "b"}));
  w.edit(w.s.pod);
  w(SandboxFailed{"no"});
  w(SandboxFailed{"no"});
  spec::Pod edited = w.s.pod;
  edited.containers = {container("b", "x:2")};
  BOOST_TEST(w.edit(edited) == "");
  BOOST_TEST(!w.has("a"));
  BOOST_TEST(w.timer("") == "run-sandbox");
  BOOST_TEST(w(SandboxUp{}) == "start b/1");
}

BOOST_AUTO_TEST_CASE(a_finished_pod_runs_again_by_an_edit_of_what_runs) {
  World w(pod({"a", "b"}, {"i"}, spec::RestartPolicy::never));
  w.run();
  w.down("a", 0);
  w.down("b", 1);
  World stopping = w;
  w(SandboxDown{});
  spec::Pod edited = w.s.pod;
  edited.labels["x"] = "y";
  BOOST_TEST(w.edit(edited) == "");
  edited.containers[1].command = {"x"};
  BOOST_TEST(w.edit(edited) == "run-sandbox");
  BOOST_TEST(w(SandboxUp{}) == "start i/2");
  w.up("i");
  BOOST_TEST(w.down("i") == "start a/2, start b/2");
  BOOST_TEST(stopping.edit(edited) == "");
  BOOST_TEST(stopping(SandboxDown{}) == "run-sandbox");
  stopping(SandboxUp{});
  stopping.up("i");
  BOOST_TEST(stopping.down("i") == "start a/2, start b/2");
}

BOOST_AUTO_TEST_CASE(a_finished_pod_runs_again_by_another_restart_policy) {
  World w(pod({"a"}, {}, spec::RestartPolicy::never));
  w.run();
  w.down("a", 1);
  w(SandboxDown{});
  spec::Pod edited = w.s.pod;
  edited.restart_policy = spec::RestartPolicy::always;
  BOOST_TEST(w.edit(edited) == "run-sandbox");
}

BOOST_AUTO_TEST_CASE(an_edit_starts_a_stopped_pod_but_a_touch_does_not) {
  World w(pod({"a"}));
  w.run();
  w(Asked{Verb::stop, ""});
  w.killed("a", 15);
  w(SandboxDown{});
  BOOST_TEST(w.edit(w.s.pod) == "");
  spec::Pod edited = w.s.pod;
  edited.labels["x"] = "y";
  BOOST_TEST(w.edit(edited) == "run-sandbox");
}

}  // namespace
}  // namespace podsd::tests
