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
  bool stdin = false;  ///< else it has no standard input
  bool tty = false;    ///< it gets a terminal
};

/// `podsctl exec`: copies between this command's standard streams and the command's, by pipes or a terminal
/// of the container: nothing of this process is handed to it. Signals are passed on; with a terminal that is
/// raw, SIGTERM and SIGHUP leave it, which hangs it up. Gives the command's exit status, 128 + n for a signal
/// n.
int exec(const ExecOptions& options, const Connect& connect, const Terminal& terminal);

}  // namespace podsd::cli
