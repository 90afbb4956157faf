// SPDX-License-Identifier: Apache-2.0
#include "policies/exit.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>

namespace podsd::policies {
namespace {

struct Row {
  const char* what;
  ExitFacts facts;
  int code;
  const char* reason;
};

const Row rows[] = {
    {"success", {}, 0, "Completed"},
    {"failure", {.exit_code = 3}, 3, "Error"},
    {"highest code", {.exit_code = 255}, 255, "Error"},
    {"terminated", {.signal = SIGTERM}, 143, "Error"},
    {"segfault", {.signal = SIGSEGV}, 139, "Error"},
    {"killed, no witness", {.signal = SIGKILL}, 137, "Error"},
    {"137 of a shell, no witness", {.exit_code = 137}, 137, "Error"},
    {"killed, the scope's events", {.signal = SIGKILL, .scope_oom_kills = 1}, 137, "OOMKilled"},
    {"killed, the unit's result", {.signal = SIGKILL, .unit_result_oom = true}, 137, "OOMKilled"},
    {"killed, the slice's events", {.signal = SIGKILL, .slice_oom_kills = 2}, 137, "OOMKilled"},
    {"137 of a shell whose child was killed", {.exit_code = 137, .scope_oom_kills = 1}, 137, "OOMKilled"},
    {"a child was killed, the container failed", {.exit_code = 1, .scope_oom_kills = 1}, 1, "Error"},
    {"a child was killed, the container went on", {.scope_oom_kills = 1}, 0, "Completed"},
    {"terminated beside an OOM kill", {.signal = SIGTERM, .unit_result_oom = true}, 143, "Error"},
};

BOOST_AUTO_TEST_CASE(verdicts) {
  for (const Row& row : rows) BOOST_TEST_CONTEXT(row.what) {
      const ExitVerdict verdict = judge_exit(row.facts);
      BOOST_TEST(verdict.exit_code == row.code);
      BOOST_TEST(verdict.reason == row.reason);
    }
}

BOOST_AUTO_TEST_CASE(a_stop_job_leaves_two_instants) {
  const ExitFacts ended{.signal = 15};
  BOOST_TEST(stopped_by_job(ended, 100, 250));   // through stop-sigterm
  BOOST_TEST(stopped_by_job(ended, 100, 0));     // still in it
  BOOST_TEST(!stopped_by_job(ended, 100, 100));  // from active to dead
  BOOST_TEST(!stopped_by_job(ended, 0, 0));      // PID 1 has not seen the end yet
}

BOOST_AUTO_TEST_CASE(an_oom_kill_is_no_stop) {
  const ExitFacts killed{.signal = 9, .unit_result_oom = true};
  BOOST_TEST(!stopped_by_job(killed, 100, 250));
}

}  // namespace
}  // namespace podsd::policies
