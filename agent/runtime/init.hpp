// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/container.hpp"
#include "agent/runtime/plan.hpp"
#include "agent/runtime/prepared.hpp"

namespace podsd::runtime {

/// What the init tells the runtime over its socket, which ends with execve(2), with the process, or where it
/// waits for its start: `about_to_exec` right before that, and after `failed` the text of what went wrong.
namespace word {
inline constexpr char about_to_exec = 'x';
inline constexpr char failed = 'E';
/// All but the new root is there; the init waits for a byte, which only follows when it shall go on.
inline constexpr char ready = 'r';
/// The same, when its network namespace is there for the devices that belong into it.
inline constexpr char devices = 'n';
/// As `failed`, of a hook startContainer.
inline constexpr char hook_failed = 'H';
}  // namespace word

/// What the init is given.
struct InitArguments {
  const Plan& plan;
  /// Its bundle is a path, opened by the init, since an fd of it would lead into the caller's mount
  /// namespace.
  StartArguments start;
  const UniqueFd* enter = nullptr;     ///< a pidfd: enter that process's namespaces, and make none
  UniqueFd pipe;                       ///< to the runtime
  UniqueFd gate;                       ///< if there is one: nothing is done before a byte comes out of it
  std::uint64_t later_namespaces = 0;  ///< to be made once its cgroup is the one to stay in
  int runtimes_end = -1;               ///< of that pipe, to be closed first
  Prepared prepared = {};              ///< mounts made beforehand
  UniqueFd filesystems = {};           ///< where more of them come from; empty: none
};

/// The container's init: carries out the plan and becomes the program. It ends with 1 where it cannot.
[[noreturn]] void run_init(InitArguments arguments);

/// The runtime moves this process into its cgroup meanwhile. The gate's end means that it could not, and ends
/// the process.
void wait_at_gate(UniqueFd& gate);

/// Enters those namespaces of another process that are among `flags` and are not this one's already, and
/// gives them.
[[nodiscard]] Result<std::uint64_t> enter_namespaces(const UniqueFd& process, std::uint64_t flags);

/// Enters existing namespaces of the kinds in `flags`.
[[nodiscard]] Result<void> join_namespaces(const Plan& plan, std::uint64_t flags);

}  // namespace podsd::runtime
