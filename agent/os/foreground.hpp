// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/ioctl.h>

#include <csignal>
#include <functional>
#include <optional>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd {

/// A process that somebody waits for at this process's terminal, pipes or files.
struct Foreground {
  struct Output {
    UniqueFd from;
    int to = -1;
  };
  int ended = -1;         ///< becomes readable, or is hung up, when the process has ended: a pidfd, say
  UniqueFd input;         ///< what takes `in`: a pipe, or the master of the process's pseudoterminal
  bool terminal = false;  ///< `input` is such a master
  int in = -1;            ///< what is copied to `input`, if anything
  std::vector<Output> outputs;
  bool detach_keys = false;  ///< ^P ^Q in what is copied leave the process, as docker's and podman's attach
  /// Which signals are passed on and which ones end the stay; they must be blocked from before the process's
  /// start on, so that none is lost.
  sigset_t signals = {}, leaving = {};
  std::function<void(int signal)> deliver;
  /// Takes the size of a terminal that `input` only leads to; none: `input` is given it.
  std::function<void(const winsize& size)> resize;
};

/// Why a stay has ended.
struct Left {
  enum Why { process_ended, signalled, detached } why = process_ended;
  int signal = 0;
};

/// Copies until the process has ended, and then what it had written by then. Meanwhile every signal of the
/// set is delivered, but for a process with a terminal SIGWINCH, which hands on the size of the terminal that
/// `in` or an output is; and that one is raw (termios(3)), if `in` is one, until this returns. Where nobody
/// takes an output any more, it is closed; a terminal is hung up then. The end of `in` closes `input`; to a
/// terminal it is ^D.
[[nodiscard]] Result<Left> stay_until_end(Foreground& process);

/// The size of the terminal that one of them is, if one is.
[[nodiscard]] std::optional<winsize> terminal_size(std::initializer_list<int> fds);

}  // namespace podsd
