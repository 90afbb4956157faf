// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/attach.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "agent/cli/attach_journal.hpp"
#include "agent/cli/pipes.hpp"
#include "agent/os/foreground.hpp"
#include "agent/sandbox/protocol.hpp"

namespace podsd::cli {
namespace {

/// This side of a session.
struct Session {
  Pipes pipes;
  UniqueFd control, their_control;

  [[nodiscard]] std::vector<int> fds() const {
    return {pipes.their_in.get(), pipes.their_out.get(), pipes.their_err.get(), their_control.get()};
  }
};

Result<Session> open_session(bool input) {
  auto pipes = Pipes::open(input);
  if (!pipes) return std::unexpected(pipes.error());
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail("cannot make a socket pair", {}, errno);
  return Session{std::move(*pipes), UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void send_size(const UniqueFd& control, unsigned rows, unsigned columns) {
  const sandbox::WindowSize size{static_cast<std::uint16_t>(rows), static_cast<std::uint16_t>(columns)};
  static_cast<void>(::send(control.get(), &size, sizeof size, MSG_NOSIGNAL));
}

/// A program that has drawn its screen already does it again only for another size than it knows.
void ask_to_redraw(const UniqueFd& control) {
  const auto size = terminal_size({STDIN_FILENO});
  if (size) send_size(control, size->ws_row, size->ws_col + 1U);
}

/// What follows from the sandbox's last word.
Result<int> status_of(const UniqueFd& control) {
  sandbox::SessionEnd end = {};
  ssize_t n;
  do n = ::recv(control.get(), &end, sizeof end, 0);
  while (n < 0 && errno == EINTR);
  if (n != sizeof end) return fail("the pod ended before the container's exit status was known");
  if (end.why == sandbox::SessionEnd::too_slow)
    return fail("left behind: the container waited for ten seconds, and its output was not taken");
  if (end.why == sandbox::SessionEnd::closed) return 128 + SIGPIPE;
  return WIFSIGNALED(end.wait_status) ? 128 + WTERMSIG(end.wait_status) : WEXITSTATUS(end.wait_status);
}

Result<int> stay(Session session, const dbus::Attached& has, bool input, const Terminal& terminal) {
  session.pipes.close_theirs();
  session.their_control.reset();
  ::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an error of write(2)
  Foreground process;
  process.ended = session.control.get();
  process.terminal = has.terminal && input && ::isatty(STDIN_FILENO) != 0;
  process.detach_keys = process.terminal;
  process.in = input ? STDIN_FILENO : -1;
  process.input = std::move(session.pipes.in);
  process.outputs.push_back({std::move(session.pipes.out), STDOUT_FILENO});
  process.outputs.push_back({std::move(session.pipes.err), STDERR_FILENO});
  process.resize = [&session](const winsize& size) { send_size(session.control, size.ws_row, size.ws_col); };
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP}) ::sigaddset(&process.leaving, signal);
  if (process.terminal) ::sigaddset(&process.signals, SIGWINCH);
  sigset_t all = process.leaving;
  ::sigaddset(&all, SIGWINCH);
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  if (process.terminal) ask_to_redraw(session.control);
  const auto left = stay_until_end(process);
  if (!left) return std::unexpected(left.error());
  if (left->why == Left::signalled) return 128 + left->signal;
  if (left->why == Left::process_ended) return status_of(session.control);
  terminal.err << "podsctl: detached\n";
  return Exit::done;
}

std::string explained(const Error& error, const AttachOptions& options) {
  if (error.subject.ends_with(".NoSuchContainer"))
    return "pod \"" + options.pod + "\" has no container \"" + options.container + "\"";
  return bus_error_text(error, options.pod);
}

/// What was asked for and cannot be had is said, and gone without.
void say_what_is_missing(const AttachOptions& options, const dbus::Attached& has, const Terminal& terminal) {
  const std::string who = "podsctl: container \"" + has.container + "\" has no ";
  if (options.stdin && !has.input) terminal.err << who << "standard input (stdin: true)\n";
  if (options.tty && !has.terminal) terminal.err << who << "terminal (tty: true)\n";
  terminal.err.flush();
}

}  // namespace

int attach(const AttachOptions& options, const Connect& connect, const Terminal& terminal) {
  const auto agent = connect();
  if (!agent) return complain(terminal, bus_error_text(agent.error(), options.pod));
  auto session = open_session(options.stdin);
  if (!session) return complain(terminal, session.error().message());
  const std::int64_t since = realtime_now();
  const auto has =
      (*agent)->attach({options.ns, options.pod, options.container, options.stdin}, session->fds());
  if (!has) return complain(terminal, explained(has.error(), options));
  say_what_is_missing(options, *has, terminal);
  Result<int> status = 0;
  if (has->output) {
    status = stay(std::move(*session), *has, options.stdin && has->input, terminal);
  } else {
    session->their_control.reset();
    const JournalPart part{options.journal, options.ns, options.pod, has->container, since};
    const auto shown = show_until(part, session->control.get(), terminal);
    status = shown ? status_of(session->control) : std::unexpected(shown.error());
  }
  if (!status) return complain(terminal, status.error().message());
  return *status;
}

}  // namespace podsd::cli
