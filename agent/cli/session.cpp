// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/session.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "agent/os/fd_passing.hpp"

namespace podsd::cli {
namespace {

Result<UniqueFd> open_null() {
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail("cannot open", "/dev/null", errno);
  return null;
}

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) ::sigaddset(&set, signal);
  return set;
}

Result<int> status_of(const UniqueFd& pipe) {
  int status = 0;
  ssize_t n;
  do n = ::read(pipe.get(), &status, sizeof status);
  while (n < 0 && errno == EINTR);
  if (n != sizeof status) return fail("the pod ended before the command's exit status was known");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<Session> Session::make(bool stdin, bool tty) {
  Session session;
  session.stdin_ = stdin;
  session.tty_ = tty;
  if (auto made = make_pipe(session.status_, session.their_status_); !made)
    return std::unexpected(made.error());
  if (auto made = tty ? session.open_terminal() : session.open_pipes(); !made)
    return std::unexpected(made.error());
  return session;
}

Result<void> Session::open_pipes() {
  auto pipes = Pipes::open(stdin_);
  if (!pipes) return std::unexpected(pipes.error());
  pipes_ = std::move(*pipes);
  return {};
}

Result<void> Session::open_terminal() {
  console_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!console_) return fail("cannot open a socket", {}, errno);
  for (UniqueFd* fd : {&pipes_.their_in, &pipes_.their_out, &pipes_.their_err}) {
    auto null = open_null();
    if (!null) return std::unexpected(null.error());
    *fd = std::move(*null);
  }
  return {};
}

std::vector<int> Session::fds() const {
  std::vector<int> fds = {pipes_.their_in.get(), pipes_.their_out.get(), pipes_.their_err.get(),
                          their_status_.get()};
  if (tty_) fds.push_back(console_.get());
  return fds;
}

// The process runs, so the runtime has sent it already.
Result<void> Session::receive_terminal() {
  const UniqueFd connection(::accept4(console_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection) return fail("the runtime sent no terminal", {}, errno);
  char name[64];
  auto master = receive_with_fd(connection, name);
  if (!master) return fail("the terminal", {}, master.error());
  if (!*master) return fail("the runtime sent no terminal");
  pipes_.in = std::move(*master);
  pipes_.out.reset(::fcntl(pipes_.in.get(), F_DUPFD_CLOEXEC, 3));
  return {};
}

Result<int> Session::stay(UniqueFd pidfd) {
  // Not before: as long as the agent has not answered, a signal ends this process.
  const sigset_t all = set_of({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH});
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an error of write(2)
  pipes_.close_theirs();
  their_status_.reset();
  if (tty_)
    if (auto received = receive_terminal(); !received) return std::unexpected(received.error());
  Foreground process;
  process.ended = status_.get();
  process.input = std::move(pipes_.in);
  process.terminal = tty_;
  process.in = stdin_ ? STDIN_FILENO : -1;
  process.outputs.push_back({std::move(pipes_.out), STDOUT_FILENO});
  if (!tty_) process.outputs.push_back({std::move(pipes_.err), STDERR_FILENO});
  process.signals = set_of({SIGINT, SIGQUIT, SIGUSR1, SIGUSR2});
  // At a raw terminal no key makes a signal: what comes means this process.
  const bool raw = tty_ && stdin_;
  if (raw) process.leaving = set_of({SIGTERM, SIGHUP});
  for (const int signal : {SIGTERM, SIGHUP})
    if (!raw) ::sigaddset(&process.signals, signal);
  if (tty_) ::sigaddset(&process.signals, SIGWINCH);
  process.deliver = [&pidfd](int signal) {
    if (pidfd) ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
  };
  const auto left = stay_until_end(process);
  if (!left) return std::unexpected(left.error());
  if (left->why == Left::signalled) return 128 + left->signal;
  return status_of(status_);
}

}  // namespace podsd::cli
