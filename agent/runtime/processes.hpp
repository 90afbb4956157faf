// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "agent/runtime/state.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// The processes of a container, as numbers of this process's pid namespace: those of its own cgroup and
/// below; where it has none, those of its pid namespace. Errors: it has neither.
[[nodiscard]] Result<std::vector<int>> processes_of(const State& state);

/// Sends a signal to all of them; SIGKILL by cgroup.kill where there is one. Errors: none is left (ESRCH).
[[nodiscard]] Result<void> signal_all(const State& state, int signal);

}  // namespace podsd::runtime
