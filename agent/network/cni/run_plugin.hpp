// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "agent/network/cni/failure.hpp"
#include "spec/result.hpp"

namespace podsd::network::cni {

struct PluginRun {
  std::filesystem::path program;
  std::string input;                     ///< its standard input
  std::vector<std::string> environment;  ///< beside this process's own
  std::chrono::milliseconds deadline;
};

/// Runs a plugin and waits for its end; blocks. It is a process group of its own, which is killed with it: at
/// the deadline, once it has written more than 1 MiB to standard output, and when it has ended, so that what
/// it left behind holds nothing open. What left the group ends with the caller's unit. Of standard error the
/// first 64 KiB are kept. Errors: it cannot be executed, or survives SIGKILL for five seconds.
[[nodiscard]] Result<PluginEnd> run_plugin(const PluginRun& run);

}  // namespace podsd::network::cni
