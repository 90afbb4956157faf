// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd {

/// The number of the pidfd's process in this process's pid namespace, from /proc/self/fdinfo (proc(5),
/// "Pid:"). -1 once the process has been reaped, 0 if it is not visible from here. Errors: not a pidfd.
[[nodiscard]] Result<int> pidfd_pid(const UniqueFd& pidfd);

}  // namespace podsd
