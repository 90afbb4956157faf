// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/log_choice.hpp"

#include <boost/test/unit_test.hpp>

using namespace podsd::cli;

namespace {

constexpr std::int64_t noon = 1'714'564'800'000'000;

Json pod(std::vector<std::string> containers, std::vector<std::string> inits = {}) {
  Json out = {{"metadata", {{"name", "web"}, {"namespace", "team-a"}}},
              {"spec", {{"containers", Json::array()}}}};
  for (const auto& name : containers) out["spec"]["containers"].push_back({{"name", name}});
  for (const auto& name : inits) out["spec"]["initContainers"].push_back({{"name", name}});
  return out;
}

Json with_status(const char* state, const char* last = "{}") {
  Json out = pod({"a"});
  out["status"]["containerStatuses"] = Json::array();
  out["status"]["containerStatuses"].push_back({{"name", "a"},
                                                {"unit", "pods-team_a:web-a.scope"},
                                                {"state", Json::parse(state)},
                                                {"lastState", Json::parse(last)}});
  return out;
}

const char* const running = R"({"running":{"startedAt":"2024-05-01T12:00:10Z"}})";
const char* const backoff = R"({"waiting":{"reason":"CrashLoopBackOff"}})";
const char* const ended =
    R"({"terminated":{"exitCode":1,"startedAt":"2024-05-01T12:00:00Z","finishedAt":"2024-05-01T12:00:05Z"}})";
const char* const not_started = R"({"terminated":{"exitCode":128,"reason":"ContainerCannotRun"}})";

}  // namespace

BOOST_AUTO_TEST_CASE(the_only_container_needs_no_word) {
  const auto got = choose_container(pod({"a"}), "");
  BOOST_REQUIRE(got);
  BOOST_CHECK_EQUAL(got->name, "a");
  BOOST_CHECK_EQUAL(got->note, "");
}

BOOST_AUTO_TEST_CASE(the_first_of_several_with_a_note) {
  const auto got = choose_container(pod({"a", "b"}, {"i"}), "");
  BOOST_REQUIRE(got);
  BOOST_CHECK_EQUAL(got->name, "a");
  BOOST_CHECK_EQUAL(got->note, "Defaulted container \"a\" out of: a, b, i (init)");
}

BOOST_AUTO_TEST_CASE(the_annotation_chooses) {
  Json web = pod({"a", "b"});
  web["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"] = "b";
  BOOST_CHECK_EQUAL(choose_container(web, "").value().name, "b");
  BOOST_CHECK_EQUAL(choose_container(web, "").value().note, "");
  web["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"] = "gone";
  BOOST_CHECK_EQUAL(choose_container(web, "").value().name, "a");
}

BOOST_AUTO_TEST_CASE(a_container_by_name) {
  const Json web = pod({"a", "b"}, {"i"});
  for (const char* name : {"b", "i"}) BOOST_CHECK_EQUAL(choose_container(web, name).value().name, name);
  const auto wrong = choose_container(web, "x");
  BOOST_REQUIRE(!wrong);
  BOOST_CHECK_EQUAL(wrong.error().message(), "pod \"web\" has no container \"x\"; it has a, b, i (init)");
}

BOOST_AUTO_TEST_CASE(runs) {
  const struct {
    const char *what, *state, *last;
    bool previous;
    Run::Kind kind;
    std::int64_t started, finished;
  } cases[] = {
      {"runs", running, "{}", false, Run::Kind::running, 10, 0},
      {"ended", ended, "{}", false, Run::Kind::ended, 0, 5},
      {"in back-off", backoff, ended, false, Run::Kind::ended, 0, 5},
      {"could not start again", not_started, ended, false, Run::Kind::ended, 0, 5},
      {"previous of a running one", running, ended, true, Run::Kind::ended, 0, 5},
      {"previous in back-off", backoff, ended, true, Run::Kind::ended, 0, 5},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.what) {
      const auto run = choose_run(with_status(c.state, c.last), "a", c.previous);
      BOOST_REQUIRE(run);
      BOOST_CHECK(run->kind == c.kind);
      BOOST_CHECK_EQUAL(run->unit, "pods-team_a:web-a.scope");
      BOOST_CHECK_EQUAL(run->started_at, noon + c.started * 1'000'000);
      BOOST_CHECK_EQUAL(run->finished_at, c.finished == 0 ? 0 : noon + c.finished * 1'000'000);
    }
  }
}

BOOST_AUTO_TEST_CASE(runs_that_never_were) {
  const auto waits = choose_run(with_status(R"({"waiting":{"reason":"ErrImageNeverPull"}})"), "a", false);
  BOOST_REQUIRE(!waits);
  BOOST_CHECK_EQUAL(waits.error().message(),
                    "container \"a\" in pod \"web\" is waiting to start: ErrImageNeverPull");
  const auto first = choose_run(with_status(running), "a", true);
  BOOST_REQUIRE(!first);
  BOOST_CHECK_EQUAL(first.error().message(), "container \"a\" in pod \"web\" has no previous run");
  BOOST_CHECK(!choose_run(pod({"a"}), "a", false));
}

BOOST_AUTO_TEST_CASE(a_unit_that_the_status_leaves_out) {
  Json web = with_status(running);
  web["status"]["containerStatuses"][0].erase("unit");
  BOOST_CHECK_EQUAL(choose_run(web, "a", false).value().unit, "pods-team_a:web-a.scope");
}

BOOST_AUTO_TEST_CASE(over_is_a_matter_of_phase) {
  for (const char* phase : {"Succeeded", "Failed"}) BOOST_CHECK(is_over({{"status", {{"phase", phase}}}}));
  for (const char* phase : {"Pending", "Running", ""})
    BOOST_CHECK(!is_over({{"status", {{"phase", phase}}}}));
}
