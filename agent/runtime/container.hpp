// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/plan.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// A container's init, which is a child of this process until this process ends.
struct Container {
  int pid = -1;  ///< in the runtime's pid namespace
  UniqueFd pidfd;
};

/// Starts a container; success means that its program has been executed. On an error nothing of it is left.
/// `bundle` is the directory that relative paths of the host start at.
[[nodiscard]] Result<Container> start_container(const Plan& plan, const std::string& bundle,
                                                int preserve_fds);

/// Kills it and waits until it is gone.
void kill_container(const Container& container);

/// Blocks the signals that wait_container forwards; to be called before the container starts, so that none is
/// lost.
void block_signals();

/// Waits for the container's end and meanwhile forwards every signal to it. Gives its exit code, or 128 +
/// signal.
[[nodiscard]] Result<int> wait_container(const Container& container);

}  // namespace podsd::runtime
