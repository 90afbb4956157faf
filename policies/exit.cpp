// SPDX-License-Identifier: Apache-2.0
#include "policies/exit.hpp"

#include <csignal>

namespace podsd::policies {

ExitVerdict judge_exit(const ExitFacts& facts) {
  const int code = facts.signal != 0 ? 128 + facts.signal : facts.exit_code;
  const bool witness = facts.scope_oom_kills > 0 || facts.unit_result_oom || facts.slice_oom_kills > 0;
  if (code == 128 + SIGKILL && witness) return {code, "OOMKilled"};
  return {code, code == 0 ? "Completed" : "Error"};
}

bool stopped_by_job(const ExitFacts& facts, std::uint64_t left_active_usec,
                    std::uint64_t became_inactive_usec) {
  if (judge_exit(facts).reason == "OOMKilled") return false;
  return left_active_usec != 0 && left_active_usec != became_inactive_usec;
}

}  // namespace podsd::policies
