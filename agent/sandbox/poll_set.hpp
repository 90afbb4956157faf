// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>
#include <stddef.h>

namespace podsd::sandbox {

/// What one poll(2) waits for, put together anew for each. Fixed room.
class PollSet {
 public:
  void clear() {
    fds_[0] = {-1, 0, 0};
    count_ = 1;
    timeout_ = -1;
  }

  /// Where it stands, for ready(); 0, which never is, for no file descriptor (-1).
  size_t add(int fd, short events) {
    if (fd < 0 || count_ == capacity) return 0;
    fds_[count_] = {fd, events, 0};
    return count_++;
  }

  /// Waits no longer than that.
  void limit(int milliseconds) {
    if (timeout_ < 0 || milliseconds < timeout_) timeout_ = milliseconds;
  }

  /// As poll(2).
  [[nodiscard]] int wait() { return poll(fds_, count_, timeout_); }

  [[nodiscard]] bool ready(size_t at) const { return fds_[at].revents != 0; }

 private:
  static constexpr size_t capacity = 512;
  pollfd fds_[capacity];
  size_t count_;
  int timeout_;
};

}  // namespace podsd::sandbox
