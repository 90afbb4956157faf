// SPDX-License-Identifier: Apache-2.0
// How the kernel schedules a process: the fields of config.md's "Linux Process" and config-linux.md's "Memory
// policy" as the kernel takes them.
#pragma once

#include <sched.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::runtime {

class Node;

/// process.scheduler, as struct sched_attr (sched_setattr(2)).
struct Scheduler {
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;                              ///< SCHED_FLAG_*
  std::int32_t nice = 0;                                ///< -20 to 19
  std::uint32_t priority = 0;                           ///< of SCHED_FIFO and SCHED_RR
  std::uint64_t runtime = 0, deadline = 0, period = 0;  ///< of SCHED_DEADLINE, in nanoseconds
};

/// linux.memoryPolicy (set_mempolicy(2)).
struct MemoryPolicy {
  int mode = 0;                      ///< MPOL_* with its flags
  std::vector<unsigned long> nodes;  ///< a mask
};

[[nodiscard]] Scheduler read_scheduler(const Node& node);

/// process.ioPriority as ioprio_set(2) takes it: class and priority in one number.
[[nodiscard]] int read_io_priority(const Node& node);

[[nodiscard]] MemoryPolicy read_memory_policy(const Node& node);

/// A list of numbers below `limit` ("0-3,7") as a mask of words, or nothing if it is none.
[[nodiscard]] std::optional<std::vector<unsigned long>> parse_list(const std::string& text, unsigned limit);

/// An affinity of process.execCPUAffinity; empty if it is not given.
[[nodiscard]] std::vector<unsigned long> read_cpus(const Node& node);

/// Sets this process's affinity, unless `cpus` is empty (sched_setaffinity(2)).
[[nodiscard]] Result<void> set_affinity(const std::vector<unsigned long>& cpus);

}  // namespace podsd::runtime
