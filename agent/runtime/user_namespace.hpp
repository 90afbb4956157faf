// SPDX-License-Identifier: Apache-2.0
// The way into a container's user namespace. Namespaces belong to the user namespace in which they are made,
// so that has to be entered first, by a process between the runtime and the init: the runtime itself keeps
// its privileges, for its own files and for the container's maps.
#pragma once

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/init.hpp"
#include "agent/runtime/plan.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// Clones the init in the plan's user namespace, as uid and gid 0 of it, and hands it to run_init(). It is a
/// child of the caller. Errors: whatever kept it from being made. The cgroup is entered by
/// the process in between, since only root may; `gate` is as for clone_process().
[[nodiscard]] Result<Container> clone_in_user_namespace(InitArguments& arguments, const Placement& placement,
                                                        UniqueFd& gate);

/// After setns(2) into a user namespace: becomes its uid and gid 0, and keeps the parent-death signal, which
/// goes away with the change.
[[nodiscard]] Result<void> become_root_of_namespace();

/// Gives this process's children a new time namespace with these offsets (time_namespaces(7)). `offsets` is
/// /proc/self/timens_offsets, opened with the privileges to write it.
[[nodiscard]] Result<void> make_time_namespace(const std::string& text, const UniqueFd& offsets);
[[nodiscard]] Result<UniqueFd> open_time_offsets();

}  // namespace podsd::runtime
