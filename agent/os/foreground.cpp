// SPDX-License-Identifier: Apache-2.0
#include "agent/os/foreground.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>

#include <cerrno>
#include <string>

namespace podsd {
namespace {

constexpr std::size_t buffer_bytes = 16U << 10;
constexpr char end_of_transmission = 4;

// The terminal of `fd` in raw mode until the end of this object.
class Raw {
 public:
  explicit Raw(int fd) : fd_(fd) {
    set_ = fd >= 0 && tcgetattr(fd, &before_) == 0;
    if (!set_) return;
    termios raw = before_;
    cfmakeraw(&raw);
    tcsetattr(fd, TCSADRAIN, &raw);
  }
  ~Raw() {
    if (set_) tcsetattr(fd_, TCSADRAIN, &before_);
  }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

 private:
  int fd_;
  bool set_;
  termios before_ = {};
};

bool write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    ssize_t n = write(fd, data, size);
    if (n < 0 && errno == EAGAIN) {
      pollfd writable = {fd, POLLOUT, 0};
      poll(&writable, 1, -1);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

class Relay {
 public:
  explicit Relay(Foreground& process) : process_(process), raw_(process.terminal ? process.in : -1) {
    if (!process.terminal) process.in = -1;
    // Only this process's: whoever made the pair has let go of the master.
    else
      fcntl(process.terminal.get(), F_SETFL, O_RDWR | O_NONBLOCK);
  }

  Result<void> run() {
    UniqueFd signals(signalfd(-1, &process_.signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals) return fail("cannot open a signalfd", {}, errno);
    resize();
    for (;;) {
      const int terminal = process_.terminal ? process_.terminal.get() : -1;
      const short wanted = to_terminal_.empty() ? POLLIN : POLLIN | POLLOUT;
      pollfd fds[] = {{process_.pidfd, POLLIN, 0},
                      {signals.get(), POLLIN, 0},
                      {terminal, wanted, 0},
                      {to_terminal_.empty() ? process_.in : -1, POLLIN, 0}};
      if (poll(fds, 4, -1) < 0 && errno != EINTR) return fail("cannot wait for the process", {}, errno);
      if (fds[1].revents != 0) pass_signals(signals.get());
      if (fds[2].revents != 0) copy_out();
      if ((fds[2].revents & POLLOUT) != 0) copy_in();
      if (fds[3].revents != 0) read_in();
      if (fds[0].revents != 0) break;
    }
    copy_out();
    return {};
  }

 private:
  void resize() {
    if (!process_.terminal) return;
    if (auto size = terminal_size(process_.in, process_.out))
      ioctl(process_.terminal.get(), TIOCSWINSZ, &*size);
  }

  void pass_signals(int signals) {
    signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGWINCH && process_.terminal)
        resize();
      else if (info.ssi_signo != SIGCHLD)
        process_.deliver(process_.pidfd, static_cast<int>(info.ssi_signo));
    }
  }

  // All that is there. EIO: nobody has the other side open, for now or for good.
  void copy_out() {
    char buffer[buffer_bytes];
    while (process_.terminal) {
      ssize_t n = read(process_.terminal.get(), buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0 || !write_all(process_.out, buffer, static_cast<std::size_t>(n))) hang_up();
    }
  }

  void hang_up() {
    process_.terminal.reset();
    process_.in = -1;
    to_terminal_.clear();
  }

  void read_in() {
    char buffer[buffer_bytes];
    ssize_t n = read(process_.in, buffer, sizeof buffer);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (n > 0) {
      to_terminal_.assign(buffer, static_cast<std::size_t>(n));
    } else {
      to_terminal_.assign(1, end_of_transmission);
      process_.in = -1;
    }
    copy_in();
  }

  void copy_in() {
    if (to_terminal_.empty() || !process_.terminal) return;
    ssize_t n = write(process_.terminal.get(), to_terminal_.data(), to_terminal_.size());
    if (n > 0) to_terminal_.erase(0, static_cast<std::size_t>(n));
  }

  Foreground& process_;
  Raw raw_;
  std::string to_terminal_;
};

}  // namespace

Result<void> stay_until_end(Foreground& process) {
  return Relay(process).run();
}

std::optional<winsize> terminal_size(int in, int out) {
  winsize size = {};
  for (const int fd : {in, out})
    if (fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0) return size;
  return std::nullopt;
}

}  // namespace podsd
