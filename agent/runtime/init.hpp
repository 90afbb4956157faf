// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/plan.hpp"

namespace podsd::runtime {

/// What the init tells the runtime over its pipe, which ends with execve(2) or with the process:
/// `about_to_exec` right before it executes the program, and after `failed` the text of what went wrong.
namespace word {
inline constexpr char about_to_exec = 'x';
inline constexpr char failed = 'E';
}  // namespace word

/// What the init is given.
struct InitArguments {
  const Plan& plan;
  const std::string&
      bundle;     ///< path; opened here, since an fd of it would lead into the caller's mount namespace
  UniqueFd pipe;  ///< to the runtime
  int preserve_fds = 0;  ///< how many fds from 3 on the program keeps
};

/// The container's init: carries out the plan and becomes the program. It ends with 1 where it cannot.
[[noreturn]] void run_init(InitArguments arguments);

/// Enters existing namespaces of the kinds in `flags`.
[[nodiscard]] Result<void> join_namespaces(const Plan& plan, std::uint64_t flags);

}  // namespace podsd::runtime
