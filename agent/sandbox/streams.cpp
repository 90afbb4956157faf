// SPDX-License-Identifier: Apache-2.0
// Whose streams are held, from a runtime's start to the last session's end.
#include "agent/sandbox/streams.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/sandbox/report.hpp"
#include "agent/sandbox/stream_io.hpp"

namespace podsd::sandbox {
namespace {

constexpr int above_fixed_fds = 4;

// Nobody shares it: a pipe, a socket or a terminal's master of which the other end went elsewhere.
int kept_copy(int fd) {
  return fcntl(fd, F_DUPFD_CLOEXEC, above_fixed_fds);
}

}  // namespace

int Streams::hold(const Hold& hold, ChildFds& fds) {
  Container* container = nullptr;
  for (Container& c : containers_)
    if (c.stage == Stage::free) container = &c;
  if (container == nullptr) return EMFILE;
  memcpy(container->name, hold.name, sizeof hold.name);
  container->stage = Stage::starting;
  container->flags = hold.flags;
  container->owner = hold.owner;
  const bool terminal = (hold.flags & hold_terminal) != 0;
  int error = 0;
  const int journals[] = {fds.out, fds.err};
  for (int i = 0; i < (terminal ? 1 : 2) && error == 0; ++i) {
    int kept = kept_copy(journals[i]);
    if (kept < 0) error = errno;
    container->outputs[i].journal = kept < 0 ? 0 : kept;
  }
  if (error == 0 && !terminal) error = open_pipes(*container, fds);
  if (error == 0 && terminal) {
    container->listening = kept_copy(fds.in);
    if (container->listening < 0) error = errno;
    make_nonblocking(container->listening);
    fds.in = STDIN_FILENO;  // this process's, which is /dev/null
  }
  if (error != 0) release(*container);
  return error;
}

// The fds become the child's ends.
int Streams::open_pipes(Container& container, ChildFds& fds) {
  int in[2] = {fds.in, 0}, out[2], err[2];
  const bool input = (container.flags & hold_stdin) != 0;
  if (input && pipe2(in, O_CLOEXEC) < 0) return errno;
  container.input = in[1];
  if (pipe2(out, O_CLOEXEC) < 0) {
    if (input) close(in[0]);
    return errno;
  }
  container.outputs[0].from = out[0];
  if (pipe2(err, O_CLOEXEC) < 0) {
    if (input) close(in[0]);
    close(out[1]);
    return errno;
  }
  container.outputs[1].from = err[0];
  make_nonblocking(container.input);
  make_nonblocking(out[0]);
  make_nonblocking(err[0]);
  // As runc has it: who opens /dev/stdout opens the pipe, which has an owner and a mode (proc(5),
  // /proc/PID/fd).
  if (fchown(out[0], container.owner, static_cast<gid_t>(-1)) < 0 ||
      fchown(err[0], container.owner, static_cast<gid_t>(-1)) < 0 ||
      (input && fchown(in[0], container.owner, static_cast<gid_t>(-1)) < 0))
    report("cannot give a pipe to the container's user", nullptr, errno);
  fds.in = in[0];
  fds.out = out[1];
  fds.err = err[1];
  return 0;
}

void Streams::started(const ChildFds& fds, int pid) {
  for (Container& c : containers_) {
    if (c.stage != Stage::starting || c.runtime != 0) continue;
    c.runtime = pid;
    if ((c.flags & hold_terminal) != 0) return;
    if ((c.flags & hold_stdin) != 0) close(fds.in);
    close(fds.out);
    close(fds.err);
  }
}

void Streams::dropped(const ChildFds& fds) {
  started(fds, -1);
  for (Container& c : containers_)
    if (c.stage == Stage::starting && c.runtime < 0) release(c);
}

void Streams::claim(const Claim& claim) {
  for (Container& c : containers_) {
    if (c.stage != Stage::starting && c.stage != Stage::started) continue;
    if (strncmp(c.name, claim.name, sizeof c.name) != 0) continue;
    if (claim.pid <= 0) {
      release(c);
      continue;
    }
    c.pid = claim.pid;
    c.stage = Stage::running;
  }
}

int Streams::attach(const Attach& attach, const int* fds, uint32_t& flags) {
  siginfo_t info = {};
  if (waitid(P_PID, static_cast<id_t>(attach.pid), &info, WEXITED | WNOHANG | WNOWAIT) < 0) return ESRCH;
  Session* session = nullptr;
  for (Session& s : sessions_)
    if (s.pid == 0) session = &s;
  if (session == nullptr) return EMFILE;
  *session = {};
  session->control = kept_copy(fds[3]);
  if (session->control < 0) return errno;
  session->pid = attach.pid;
  for (Container& c : containers_)
    if (c.stage == Stage::running && c.pid == attach.pid) session->container = &c;
  flags = 0;
  if (session->container == nullptr) return 0;
  Container& c = *session->container;
  flags = attached_output | c.flags;
  for (int i = 0; i < 2; ++i) {
    session->outs[i] = kept_copy(fds[1 + i]);
    session->done[i] = c.outputs[i].size;
    make_nonblocking(session->outs[i]);
  }
  if (attach.input == 0 || c.input == 0) return 0;
  session->in = kept_copy(fds[0]);
  make_nonblocking(session->in);
  return 0;
}

bool Streams::may_reap() const {
  for (const Container& c : containers_)
    if (c.stage == Stage::started) return false;
  return true;
}

bool Streams::is_ended_runtime(int pid) const {
  siginfo_t info = {};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

int Streams::ended_runtime() const {
  for (const Container& c : containers_)
    if (c.stage == Stage::starting && is_ended_runtime(c.runtime)) return c.runtime;
  return 0;
}

void Streams::drain(int pid) {
  for (Container& c : containers_) {
    if (c.stage != Stage::running || c.pid != pid) continue;
    if (c.listening > 0 || c.console > 0) receive_terminal(c);
    for (Output& output : c.outputs) {
      read_output(c, output, sizeof output.data);
      // journald may be on its way down and up; a line that waits for longer goes out under this process's
      // name.
      for (int round = 0; round < 10 && output.journal > 0; ++round) {
        write_journal(c, output);
        if (output.journaled == output.size) break;
        pollfd writable = {output.journal, POLLOUT, 0};
        poll(&writable, 1, 100);
      }
    }
  }
}

void Streams::ended(int pid, int wait_status) {
  for (Container& c : containers_) {
    if (c.stage == Stage::starting && c.runtime == pid) {
      if (wait_status != 0)
        release(c);
      else
        c.stage = Stage::started;
    }
    if (c.stage != Stage::running || c.pid != pid) continue;
    c.stage = Stage::ended;
    c.wait_status = wait_status;
    for (Output& output : c.outputs) read_output(c, output, sizeof output.data);
    finish(c);
  }
  for (Session& s : sessions_)
    if (s.pid == pid && s.container == nullptr) close_session(s, SessionEnd::child_ended, wait_status);
}

// Once all that it wrote was taken.
void Streams::finish(Container& container) {
  if (container.stage != Stage::ended) return;
  for (const Output& output : container.outputs)
    if (output.from > 0 || output.size > 0) return;
  for (Session& s : sessions_)
    if (s.container == &container) close_session(s, SessionEnd::child_ended, container.wait_status);
  release(container);
}

void Streams::release(Container& container) {
  for (Session& s : sessions_)
    if (s.container == &container) close_session(s, SessionEnd::closed, 0);
  for (Output& output : container.outputs) {
    close_and_forget(output.from);
    close_and_forget(output.journal);
    output.size = output.journaled = 0;
    output.from_at = output.journal_at = 0;
  }
  close_and_forget(container.listening);
  close_and_forget(container.console);
  close_and_forget(container.slave);
  close_and_forget(container.input);
  container.stage = Stage::free;
  container.runtime = container.pid = 0;
  container.listening_at = container.console_at = container.input_at = 0;
  container.closing = false;
  container.typed_size = container.typed_done = 0;
}

}  // namespace podsd::sandbox
