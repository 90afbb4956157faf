// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "agent/sandbox/protocol.hpp"

namespace podsd::sandbox {

/// The exits that the agent has not acknowledged yet, in the order of their serials. Fixed room; untouched
/// pages of it cost no memory. When it is full, children are left unreaped: the kernel keeps their status as
/// long as it takes.
class Exits {
 public:
  [[nodiscard]] bool full() const { return count_ == capacity; }

  /// Records an exit under the next serial. Not to be called when full.
  void add(int32_t pid, int32_t wait_status, int64_t realtime_ns) {
    list_[count_++] = {++last_serial_, pid, wait_status, realtime_ns};
  }

  /// The first with a serial above `serial`; null if there is none.
  [[nodiscard]] const Exited* after(uint64_t serial) const {
    for (size_t i = 0; i < count_; ++i)
      if (list_[i].serial > serial) return &list_[i];
    return nullptr;
  }

  /// The latest of that child; null if there is none.
  [[nodiscard]] const Exited* last_of(int32_t pid) const {
    for (size_t i = count_; i > 0; --i)
      if (list_[i - 1].pid == pid) return &list_[i - 1];
    return nullptr;
  }

  /// Forgets one; an unknown serial is none.
  void forget(uint64_t serial) {
    for (size_t i = 0; i < count_; ++i) {
      if (list_[i].serial != serial) continue;
      memmove(&list_[i], &list_[i + 1], (count_ - i - 1) * sizeof(Exited));
      --count_;
      return;
    }
  }

 private:
  static constexpr size_t capacity = 4096;
  Exited list_[capacity];
  size_t count_;
  uint64_t last_serial_;
};

}  // namespace podsd::sandbox
