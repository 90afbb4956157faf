// SPDX-License-Identifier: Apache-2.0
// The bytes of held streams on their way.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/sandbox/stream_io.hpp"
#include "agent/sandbox/streams.hpp"

namespace podsd::sandbox {
namespace {

constexpr char end_of_transmission = 4;

// The journal's lines end with a newline alone, a terminal's with a carriage return before it. Gives how much
// from `data` on is one piece, and how much of what follows is left out.
size_t without_returns(const char* data, size_t size, size_t& left_out) {
  left_out = 0;
  for (const char* at = data; (at = static_cast<const char*>(memchr(at, '\r', data + size - at))); ++at) {
    if (at + 1 < data + size && at[1] != '\n') continue;
    left_out = 1;
    return at - data;
  }
  return size;
}

}  // namespace

void Streams::watch(PollSet& polls) {
  for (Container& c : containers_) {
    if (c.stage == Stage::free) continue;
    c.listening_at = polls.add(c.listening > 0 ? c.listening : -1, POLLIN);
    c.console_at = polls.add(c.console > 0 ? c.console : -1, POLLIN);
    c.input_at = polls.add(c.input > 0 && c.typed_done < c.typed_size ? c.input : -1, POLLOUT);
    // Until it is known whose the lines are they wait.
    const bool pumped = c.stage == Stage::running || c.stage == Stage::ended;
    for (Output& o : c.outputs) {
      const bool wanted = pumped && o.from > 0 && o.size == 0;
      if (wanted && c.stage == Stage::ended) polls.limit(0);
      o.from_at = polls.add(wanted ? o.from : -1, POLLIN);
      o.journal_at = polls.add(o.journal > 0 && o.journaled < o.size ? o.journal : -1, POLLOUT);
    }
  }
  for (Session& s : sessions_) {
    if (s.pid == 0) continue;
    s.control_at = polls.add(s.control, POLLIN);
    s.in_at = polls.add(s.in > 0 && s.container->typed_size == 0 ? s.in : -1, POLLIN);
    for (int i = 0; i < 2; ++i) {
      const bool behind = s.container != nullptr && s.done[i] < s.container->outputs[i].size;
      s.outs_at[i] = polls.add(behind ? s.outs[i] : -1, POLLOUT);
    }
    if (s.stuck_since == 0) continue;
    const int64_t left = s.stuck_since + session_patience_ms - monotonic_ms();
    polls.limit(left > 0 ? static_cast<int>(left) : 0);
  }
}

void Streams::pump(const PollSet& polls) {
  for (Session& s : sessions_)
    if (s.pid != 0) pump_session(s, polls);
  for (Container& c : containers_) {
    if (c.stage == Stage::free) continue;
    if (polls.ready(c.listening_at) || polls.ready(c.console_at)) receive_terminal(c);
    if (polls.ready(c.input_at)) write_input(c);
    for (Output& o : c.outputs) {
      const bool last = c.stage == Stage::ended && o.from > 0 && o.size == 0;
      if (last || polls.ready(o.from_at)) read_output(c, o, chunk_bytes);
      if (o.size > 0) pass_on(c, o);
    }
    finish(c);
  }
}

void Streams::pump_session(Session& session, const PollSet& polls) {
  if (polls.ready(session.control_at)) take_size(session);
  if (session.in > 0 && polls.ready(session.in_at)) read_input(session);
  if (session.stuck_since != 0 && monotonic_ms() - session.stuck_since >= session_patience_ms)
    close_session(session, SessionEnd::too_slow, 0);
}

void Streams::receive_terminal(Container& c) {
  if (c.console == 0) {
    const int connection = accept4(c.listening, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    c.console = connection;
    close_and_forget(c.listening);
  }
  const int master = receive_master(c.console);
  if (master == 0 && errno == EAGAIN) return;
  close_and_forget(c.console);
  if (master == 0) return;
  make_nonblocking(master);
  c.slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (c.slave < 0) c.slave = 0;
  c.outputs[0].from = master;
  if ((c.flags & hold_stdin) == 0) return;
  c.input = fcntl(master, F_DUPFD_CLOEXEC, 4);
  if (c.input < 0) c.input = 0;
}

// What is there, up to `limit` bytes in all.
void Streams::read_output(Container& c, Output& o, size_t limit) {
  while (o.from > 0 && o.size < limit) {
    const ssize_t n = read(o.from, o.data + o.size, limit - o.size);
    if (n > 0) {
      o.size += n;
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    // Of a container that has ended nothing more comes, even if somebody holds the other end open.
    if (n < 0 && errno == EAGAIN && c.stage != Stage::ended) return;
    return close_and_forget(o.from);
  }
}

void Streams::pass_on(Container& c, Output& o) {
  const size_t which = &o - c.outputs;
  write_journal(c, o);
  bool all = o.journal == 0 || o.journaled == o.size;
  for (Session& s : sessions_) {
    if (s.pid == 0 || s.container != &c) continue;
    write_session(s, which);
    all = all && (s.pid == 0 || s.done[which] == o.size);
  }
  if (!all) return;
  o.size = o.journaled = 0;
  for (Session& s : sessions_)
    if (s.container == &c) s.done[which] = 0;
}

void Streams::write_journal(Container& c, Output& o) {
  const bool terminal = (c.flags & hold_terminal) != 0;
  const int pid = c.stage == Stage::running ? c.pid : getpid();
  while (o.journal > 0 && o.journaled < o.size) {
    size_t left_out = 0, piece = o.size - o.journaled;
    if (terminal) piece = without_returns(o.data + o.journaled, piece, left_out);
    const ssize_t n = piece == 0 ? 0 : send_as(o.journal, o.data + o.journaled, piece, pid);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return close_and_forget(o.journal);
    o.journaled += n;
    if (static_cast<size_t>(n) == piece) o.journaled += left_out;
  }
}

void Streams::write_session(Session& s, size_t which) {
  Output& o = s.container->outputs[which];
  while (s.done[which] < o.size) {
    const ssize_t n = write(s.outs[which], o.data + s.done[which], o.size - s.done[which]);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      if (s.stuck_since == 0) s.stuck_since = monotonic_ms();
      return;
    }
    if (n <= 0) return close_session(s, SessionEnd::closed, 0);
    s.done[which] += n;
    s.stuck_since = 0;
  }
}

void Streams::read_input(Session& s) {
  Container& c = *s.container;
  if (c.typed_size != 0) return;
  const ssize_t n = c.input > 0 ? read(s.in, c.typed, sizeof c.typed) : 0;
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return end_input(s);
  c.typed_size = n;
  write_input(c);
}

void Streams::write_input(Container& c) {
  while (c.input > 0 && c.typed_done < c.typed_size) {
    const ssize_t n = write(c.input, c.typed + c.typed_done, c.typed_size - c.typed_done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) close_and_forget(c.input);
    if (n > 0) c.typed_done += n;
  }
  c.typed_size = c.typed_done = 0;
  if (c.closing) close_and_forget(c.input);
}

// Its own end of input, and with stdinOnce the container's.
void Streams::end_input(Session& s) {
  if (s.in == 0) return;
  close_and_forget(s.in);
  if (s.container == nullptr || (s.container->flags & hold_stdin_once) == 0 || s.container->closing) return;
  Container& c = *s.container;
  c.closing = true;
  if ((c.flags & hold_terminal) != 0) c.typed[c.typed_size++] = end_of_transmission;
  write_input(c);
}

void Streams::take_size(Session& s) {
  WindowSize size;
  const ssize_t n = recv(s.control, &size, sizeof size, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n != sizeof size) return close_session(s, SessionEnd::closed, 0);
  if (s.container == nullptr || (s.container->flags & hold_terminal) == 0) return;
  winsize window = {};
  window.ws_row = size.rows;
  window.ws_col = size.columns;
  if (s.container->outputs[0].from > 0) ioctl(s.container->outputs[0].from, TIOCSWINSZ, &window);
}

void Streams::close_session(Session& s, SessionEnd::Why why, int wait_status) {
  const SessionEnd end = {why, wait_status};
  static_cast<void>(send(s.control, &end, sizeof end, MSG_NOSIGNAL | MSG_DONTWAIT));
  end_input(s);
  close_and_forget(s.control);
  for (int& out : s.outs) close_and_forget(out);
  s.container = nullptr;
  s.pid = 0;
}

}  // namespace podsd::sandbox
