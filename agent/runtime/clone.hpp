// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/container.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// clone3(2) without a stack of its own: like fork(2), with new namespaces (CLONE_NEW*). The child gets a
/// Container of pid 0 and has no `gate`; where it is to be moved into a cgroup, the parent has that done and
/// opens the gate. Errors, in the parent: what failed; nothing is left of the child.
[[nodiscard]] Result<Container> clone_process(std::uint64_t namespaces, const Placement& placement,
                                              UniqueFd& gate);

/// How a child has ended that was not waited for yet, in words.
[[nodiscard]] std::string describe_end(const Container& container);

}  // namespace podsd::runtime
