// SPDX-License-Identifier: Apache-2.0
// Mounts that are made before the container's init makes its own: what lies behind paths that root of the
// container's user namespace cannot walk, what is idmapped, and the file systems that the kernel shows in a
// user namespace only where nothing covers the host's (proc and sysfs).
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/plan.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// Detached mounts by the index of their operation in Plan::ops.
using Prepared = std::map<std::size_t, UniqueFd>;

/// With this process's privileges: idmapped bind mounts and, for a container with a user namespace, its root,
/// all its bind mounts and devices. Relative paths start at `bundle`.
[[nodiscard]] Result<Prepared> prepare_mounts(const Plan& plan, const std::string& bundle);

/// Whether there is anything to do for the next function.
[[nodiscard]] bool wants_filesystems(const Plan& plan);

/// Makes proc and sysfs in the namespaces of `init`, with this process's privileges, in a child, and sends
/// them over `socket`. What cannot be made so is left to the init.
void send_filesystems(const Plan& plan, const UniqueFd& init, const UniqueFd& socket);

/// Receives them, until the other end is closed.
void receive_filesystems(const UniqueFd& socket, Prepared& prepared);

}  // namespace podsd::runtime
