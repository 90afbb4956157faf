// SPDX-License-Identifier: Apache-2.0
// Reads of the cgroup v2 tree that systemd manages, and the one write that is not its business: cgroup.kill.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "spec/result.hpp"

namespace podsd::engine {

/// Path of a pod's slice below the cgroup2 mount; `id` is the slice's name without ".slice".
[[nodiscard]] std::string slice_cgroup(const std::string& id);

/// The same path without the mount: what cgroupsPath of an OCI configuration wants.
[[nodiscard]] std::string cgroup_path(const std::string& cgroup);

/// Moves a process into a cgroup that systemd made. Errors: errno of write(2).
[[nodiscard]] Result<void> move_to_cgroup(int pid, const std::string& cgroup);

/// Path of the cgroup that this process is in.
[[nodiscard]] std::string own_cgroup();

/// Whether the process sits in the cgroup of this unit (last component of /proc/PID/cgroup). False for a dead
/// one.
[[nodiscard]] bool in_unit(int pid, const std::string& unit);

/// oom_kill of a cgroup's memory.events (kernel, cgroup-v2.rst: processes of the subtree that the OOM killer
/// ended); nullopt where the cgroup or the controller is not there.
[[nodiscard]] std::optional<std::uint64_t> oom_kills(const std::string& cgroup);

/// SIGKILL to every process of the subtree (kernel 5.14). A cgroup that is gone counts as done.
[[nodiscard]] Result<void> kill_cgroup(const std::string& cgroup);

}  // namespace podsd::engine
