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

constexpr std::size_t buffer_bytes = 64U << 10;
constexpr char end_of_transmission = 4;
constexpr char detach_first = 'P' & 0x1F, detach_second = 'Q' & 0x1F;

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

// Only this process's: whoever made such a pair has let go of this end.
void make_nonblocking(const UniqueFd& fd) {
  if (fd) fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

class Relay {
 public:
  explicit Relay(Foreground& process)
      : process_(process), raw_(process.terminal ? process.in : -1), buffer_(buffer_bytes, '\0') {
    make_nonblocking(process.input);
    for (const auto& output : process.outputs) make_nonblocking(output.from);
    if (!process.input) process.in = -1;
  }

  Result<Left> run() {
    sigset_t all = process_.signals;
    for (int signal = 1; signal < NSIG; ++signal)
      if (sigismember(&process_.leaving, signal) == 1) sigaddset(&all, signal);
    const UniqueFd signals(signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals) return fail("cannot open a signalfd", {}, errno);
    resize();
    while (!left_) {
      if (auto done = turn(signals.get()); !done) return std::unexpected(done.error());
    }
    if (left_->why == Left::process_ended)
      for (auto& output : process_.outputs) copy_out(output);
    return *left_;
  }

 private:
  Result<void> turn(int signals) {
    std::vector<pollfd> fds = {{process_.ended, POLLIN, 0},
                               {signals, POLLIN, 0},
                               {waiting_.empty() ? -1 : process_.input.get(), POLLOUT, 0},
                               {waiting_.empty() ? process_.in : -1, POLLIN, 0}};
    for (const auto& output : process_.outputs) fds.push_back({output.from.get(), POLLIN, 0});
    if (poll(fds.data(), fds.size(), -1) < 0) {
      if (errno == EINTR) return {};
      return fail("cannot wait for the process", {}, errno);
    }
    for (std::size_t i = 4; i < fds.size(); ++i)
      if (fds[i].revents != 0) copy_out(process_.outputs[i - 4]);
    if (fds[1].revents != 0) pass_signals(signals);
    if (fds[2].revents != 0) copy_in();
    if (fds[3].revents != 0) read_in();
    if (fds[0].revents != 0) left_ = Left{};
    return {};
  }

  void resize() {
    if (!process_.terminal || !process_.input) return;
    const int out = process_.outputs.empty() ? -1 : process_.outputs.front().to;
    const auto size = terminal_size({process_.in, out});
    if (size && process_.resize)
      process_.resize(*size);
    else if (size)
      ioctl(process_.input.get(), TIOCSWINSZ, &*size);
  }

  void pass_signals(int signals) {
    signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == sizeof info) {
      const int signal = static_cast<int>(info.ssi_signo);
      if (sigismember(&process_.leaving, signal) == 1)
        left_ = Left{Left::signalled, signal};
      else if (signal == SIGWINCH && process_.terminal)
        resize();
      else if (signal != SIGCHLD)
        process_.deliver(signal);
    }
  }

  // What is there; no more than a pipe or a terminal can hold, since others than the process may go on
  // writing. EIO of a terminal: nobody has the other side open, for now or for good.
  void copy_out(Foreground::Output& output) {
    for (int round = 0; output.from && round < 16; ++round) {
      ssize_t n = read(output.from.get(), buffer_.data(), buffer_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) return;
      if (n > 0 && write_all(output.to, buffer_.data(), static_cast<std::size_t>(n))) continue;
      output.from.reset();
      if (process_.terminal) close_input();
    }
  }

  void close_input() {
    process_.input.reset();
    process_.in = -1;
    waiting_.clear();
  }

  void read_in() {
    ssize_t n = read(process_.in, buffer_.data(), buffer_.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (n > 0) {
      take(std::string_view(buffer_.data(), static_cast<std::size_t>(n)));
    } else if (process_.terminal) {
      waiting_.assign(1, end_of_transmission);
      process_.in = -1;
    } else {
      return close_input();
    }
    copy_in();
  }

  void take(std::string_view text) {
    if (!process_.detach_keys) return void(waiting_.assign(text));
    for (const char c : text) {
      if (held_ && c == detach_second) {
        left_ = Left{Left::detached, 0};
        return;
      }
      if (held_) waiting_ += detach_first;
      held_ = c == detach_first;
      if (!held_) waiting_ += c;
    }
  }

  void copy_in() {
    if (waiting_.empty() || !process_.input) return;
    ssize_t n = write(process_.input.get(), waiting_.data(), waiting_.size());
    if (n > 0) waiting_.erase(0, static_cast<std::size_t>(n));
    if (n < 0 && errno != EAGAIN && errno != EINTR) close_input();
  }

  Foreground& process_;
  Raw raw_;
  std::string buffer_;
  std::string waiting_;  // for `input`
  bool held_ = false;    // a first detach key
  std::optional<Left> left_;
};

}  // namespace

Result<Left> stay_until_end(Foreground& process) {
  return Relay(process).run();
}

std::optional<winsize> terminal_size(std::initializer_list<int> fds) {
  winsize size = {};
  for (const int fd : fds)
    if (fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0) return size;
  return std::nullopt;
}

}  // namespace podsd
