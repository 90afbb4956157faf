// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/plan.hpp"
#include "agent/runtime/seccomp_agent.hpp"
#include "agent/runtime/state.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// A container's init, which is a child of this process until this process ends.
struct Container {
  int pid = -1;  ///< in the runtime's pid namespace
  UniqueFd pidfd;
};

/// What the caller hands to a container beside its plan.
struct StartArguments {
  std::string bundle;       ///< the directory that relative paths of the host start at
  UniqueFd start_socket;    ///< listening; if there is one, the program waits for a connection to it
  int preserve_fds = 0;     ///< how many fds from 3 on the program keeps
  bool new_keyring = true;  ///< a session keyring of its own
  UniqueFd console;         ///< the socket that gets the master of its terminal, where it has one
  State state;              ///< what its hooks are told
  SeccompAgent agent;       ///< who supervises its filter
  /// Called with the container's pid when all is there but the new root, where the plan waits for it; an
  /// error ends the container.
  std::function<Result<void>(int pid)> at_ready;
};

/// Where a container's first process goes. Without either it stays in the caller's cgroup; with one of them a
/// cgroup namespace of its own begins there.
struct Placement {
  const UniqueFd* birthplace = nullptr;        ///< the folder of the cgroup in which it is born
  std::function<Result<void>(int pid)> adopt;  ///< moves it, while it waits and has done nothing yet
};

/// Starts a container; success means that its program has been executed or, with a start_socket, waits for
/// its start. On an error nothing of it is left.
[[nodiscard]] Result<Container> start_container(const Plan& plan, StartArguments arguments,
                                                const Placement& placement = {});

/// Starts another process in a container, given a pidfd of its init and a file descriptor of its cgroup's
/// folder (none: the caller's cgroup). The plan's namespaces are not looked at: it gets those of the init.
[[nodiscard]] Result<Container> enter_container(const Plan& plan, StartArguments arguments,
                                                const UniqueFd& init, const UniqueFd& cgroup);

/// Reads what an init says until it has executed its program. Errors: what went wrong, in its words;
/// `by_hook` is set where a hook startContainer failed.
[[nodiscard]] Result<void> await_exec(const UniqueFd& connection, bool& by_hook);

/// Kills it and waits until it is gone.
void kill_container(const Container& container);

/// Blocks the signals that wait_in_foreground() forwards; to be called before the container starts, so that
/// none is lost.
void block_signals();

}  // namespace podsd::runtime
