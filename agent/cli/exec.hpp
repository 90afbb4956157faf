// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/cli/command.hpp"

namespace podsd::cli {

struct ExecOptions {
  std::string pod;
  std::string container;  ///< empty: the first
  std::string ns = "default";
  std::vector<std::string> command;
  bool stdin = false;  ///< else its standard input is /dev/null
};

/// `podsctl exec`: the command's output goes straight to this one's, and its exit status is this one's (128 +
/// n for a signal n).
int exec(const ExecOptions& options, const Connect& connect, const Terminal& terminal);

}  // namespace podsd::cli
