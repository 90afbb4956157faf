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

}  // namespace podsd::policies
