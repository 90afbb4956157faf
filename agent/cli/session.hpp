// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/cli/pipes.hpp"
#include "agent/os/foreground.hpp"
#include "agent/os/unique_fd.hpp"
#include "dbus/service.hpp"
#include "spec/result.hpp"

namespace podsd::cli {

/// One process in a container as podsctl sees it: its ends of the pipes or of the terminal, and the pipe that
/// gets the wait status.
class Session {
 public:
  /// Makes the pipes, or the socket for a terminal; `stdin`: standard input is copied.
  [[nodiscard]] static Result<Session> make(bool stdin, bool tty);

  /// The other ends, in the order of dbus::ExecFd.
  [[nodiscard]] std::vector<int> fds() const;

  /// Once the process has been started: copies until its end, as Foreground does. `pidfd`: empty where it has
  /// ended already. Gives the exit status, 128 + n for a signal n; that of a signal which left the process,
  /// too. Errors: its end never came to be known, as its pod has ended.
  [[nodiscard]] Result<int> stay(UniqueFd pidfd);

 private:
  [[nodiscard]] Result<void> open_pipes();
  [[nodiscard]] Result<void> open_terminal();
  [[nodiscard]] Result<void> receive_terminal();

  bool stdin_ = false, tty_ = false;
  Pipes pipes_;
  UniqueFd console_;  ///< listens once the agent has bound it
  UniqueFd status_, their_status_;
};

}  // namespace podsd::cli
