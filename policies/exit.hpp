// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace podsd::policies {

/// What is known about the end of a container's first process.
struct ExitFacts {
  int exit_code = 0;  ///< of exit(2), where signal is 0
  int signal = 0;     ///< that ended it
  // Witnesses of the kernel's OOM killer. Each alone can miss: the scope's cgroup is gone as soon as it is
  // empty.
  std::uint64_t scope_oom_kills = 0;  ///< oom_kill of the scope's memory.events, as last seen
  bool unit_result_oom = false;       ///< the scope's Result is "oom-kill"
  std::uint64_t slice_oom_kills =
      0;  ///< how much oom_kill of the pod slice's memory.events rose since this start
};

struct ExitVerdict {
  int exit_code;       ///< as Kubernetes shows it: 128 + signal for a signal
  std::string reason;  ///< "Completed", "Error", "OOMKilled"
};

/// core/v1 ContainerStateTerminated for an end. OOMKilled needs a SIGKILL (or a shell's 137) and a witness: a
/// mere 137 is an Error.
[[nodiscard]] ExitVerdict judge_exit(const ExitFacts& facts);

/// Whether a scope was stopped by a job (systemctl stop), told by its timestamps: by itself a scope goes from
/// active to dead at one instant, a stop job takes it through stop-sigterm. `left_active_usec` and
/// `became_inactive_usec`: ActiveExitTimestampMonotonic and InactiveEnterTimestampMonotonic of
/// org.freedesktop.systemd1(5), 0 for never. An OOM kill under OOMPolicy=kill goes through stop-sigterm too,
/// and is no stop.
[[nodiscard]] bool stopped_by_job(const ExitFacts& facts, std::uint64_t left_active_usec,
                                  std::uint64_t became_inactive_usec);

}  // namespace podsd::policies
