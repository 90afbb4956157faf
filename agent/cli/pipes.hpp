// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::cli {

/// Both ends of the pipes between this process and one in a container. Never what this process's own streams
/// are: the root of a container could write a file of the host's that it got for reading, through
/// /proc/self/fd, and read the keys from a terminal that it got for writing.
struct Pipes {
  UniqueFd in, out, err;  ///< this side's
  UniqueFd their_in, their_out, their_err;

  /// `input`: else this side of `in` is closed.
  [[nodiscard]] static Result<Pipes> open(bool input);
  void close_theirs();
};

/// pipe2(2), close-on-exec.
[[nodiscard]] Result<void> make_pipe(UniqueFd& read, UniqueFd& write);

}  // namespace podsd::cli
