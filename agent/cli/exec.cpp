// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/exec.hpp"

#include <unistd.h>

#include "agent/cli/session.hpp"

namespace podsd::cli {
namespace {

std::string explained(const Error& error, const ExecOptions& options) {
  if (error.subject.ends_with(".NoSuchContainer"))
    return "pod \"" + options.pod + "\" has no container \"" + options.container + "\"";
  return bus_error_text(error, options.pod);
}

}  // namespace

int exec(const ExecOptions& options, const Connect& connect, const Terminal& terminal) {
  bool tty = options.tty;
  if (tty && options.stdin && ::isatty(STDIN_FILENO) == 0) {
    terminal.err << "podsctl: no terminal for the command: standard input is none\n";
    terminal.err.flush();
    tty = false;
  }
  const auto agent = connect();
  if (!agent) return complain(terminal, bus_error_text(agent.error(), options.pod));
  auto session = Session::make(options.stdin, tty);
  if (!session) return complain(terminal, session.error().message());
  const winsize size = terminal_size({STDIN_FILENO, STDOUT_FILENO}).value_or(winsize{});
  const auto pidfd =
      (*agent)->exec({options.ns, options.pod, options.container, options.command, size.ws_row, size.ws_col},
                     session->fds());
  if (!pidfd) return complain(terminal, explained(pidfd.error(), options));
  const auto status = session->stay(UniqueFd(*pidfd));
  if (!status) return complain(terminal, status.error().message());
  return *status;
}

}  // namespace podsd::cli
