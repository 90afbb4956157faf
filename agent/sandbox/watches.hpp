// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

namespace podsd::sandbox {

/// The children whose end somebody else than the agent waits for, each with the pipe that gets it. Fixed
/// room.
class Watches {
 public:
  [[nodiscard]] bool full() const { return count_ == capacity; }

  /// Owns `pipe` from now on. Not to be called when full.
  void add(int32_t pid, int pipe) { list_[count_++] = {pid, pipe}; }

  /// Writes the end of a child to its pipe and forgets it. False where nobody watches that child.
  [[nodiscard]] bool tell(int32_t pid, int32_t wait_status) {
    for (size_t i = 0; i < count_; ++i) {
      if (list_[i].pid != pid) continue;
      write_status(list_[i].pipe, wait_status);
      close(list_[i].pipe);
      list_[i] = list_[--count_];
      return true;
    }
    return false;
  }

  /// An empty pipe takes it as a whole; one that nobody reads any more is nobody's loss.
  static void write_status(int pipe, int32_t wait_status) {
    ssize_t n;
    do n = write(pipe, &wait_status, sizeof wait_status);
    while (n < 0 && errno == EINTR);
  }

 private:
  static constexpr size_t capacity = 256;
  struct Watched {
    int32_t pid;
    int pipe;
  };
  Watched list_[capacity];
  size_t count_;
};

}  // namespace podsd::sandbox
