// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/ioctl.h>

#include <csignal>
#include <optional>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd {

/// A process that somebody waits for at this process's terminal.
struct Foreground {
  int pidfd = -1;
  UniqueFd terminal;  ///< the master of its pseudoterminal; none: it has no terminal
  int in = -1;        ///< what is copied to the terminal, if anything
  int out = -1;       ///< what the terminal is copied to
  /// Which signals are passed on; they must be blocked from before the process's start on, so that none is
  /// lost.
  sigset_t signals = {};
  void (*deliver)(int pidfd, int signal) = nullptr;
};

/// Waits until the process has ended, without reaping it, and what it had written to its terminal by then is
/// out. Meanwhile every signal of the set is delivered, but SIGWINCH, which hands on the size of the terminal
/// that `in` or `out` is; and that one is raw (termios(3)), if `in` is one, until this returns. Where nobody
/// takes the output any more, the terminal is closed, which hangs up the process.
[[nodiscard]] Result<void> stay_until_end(Foreground& process);

/// The size of the terminal that one of the two is, if one is.
[[nodiscard]] std::optional<winsize> terminal_size(int in, int out);

}  // namespace podsd
