// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/move_ahead.hpp"

#include <atomic>
#include <thread>

#include "agent/engine/cgroup.hpp"
#include "agent/os/files.hpp"

namespace podsd::engine {

void move_ahead() {
  static std::atomic_flag under_way;
  if (under_way.test_and_set()) return;
  // A thread of its own, because the write is what waits.
  std::thread([procs = std::filesystem::path(own_cgroup() + "/cgroup.procs")] {
    static_cast<void>(os::write_existing(procs, "0"));
    under_way.clear();
  }).detach();
}

}  // namespace podsd::engine
