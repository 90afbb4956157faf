// SPDX-License-Identifier: Apache-2.0
// The master of a container's pseudoterminal on its way out: over --console-socket to whoever called the
// runtime, or to the runtime itself where it stays in the foreground.
#pragma once

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/container.hpp"
#include "agent/runtime/options.hpp"
#include "agent/runtime/plan.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// The two ends of that way. Both are empty for a process without a terminal.
struct Console {
  UniqueFd send;     ///< the init's
  UniqueFd receive;  ///< in the foreground only
};

/// Errors are runc's: --console-socket without a terminal or in the foreground, a terminal without one when
/// nobody stays.
[[nodiscard]] Result<Console> open_console(const Options& options, bool terminal, bool stays);

/// Where the configuration names none, the container's terminal has the size of the caller's, before the
/// program starts: it must not see another first. For processes in the foreground.
void take_size_of_caller(Plan& plan);

/// Sends the master as the callers of runtimes expect it (SCM_RIGHTS, with a name as the data).
[[nodiscard]] Result<void> send_master(const UniqueFd& socket, const UniqueFd& master);

/// Waits for the container's end and meanwhile forwards every signal to it, and copies its terminal, if it
/// has one, from and to standard input and output. Gives its exit code, or 128 + signal.
[[nodiscard]] Result<int> wait_in_foreground(const Container& container, const Console& console);

}  // namespace podsd::runtime
