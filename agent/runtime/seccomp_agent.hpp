// SPDX-License-Identifier: Apache-2.0
// The supervisor of a filter with SCMP_ACT_NOTIFY: it gets the filter's listener and is told whose it is (OCI
// runtime-spec, config-linux.md, "Seccomp" and "The Container Process State"; seccomp_unotify(2)).
#pragma once

#include <string>

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/state.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

struct Config;
struct LoadedFilter;

/// A connection to the supervisor, and what is sent over it once the filter is loaded.
struct SeccompAgent {
  UniqueFd socket;  ///< none: the filter has no listener
  std::string metadata;
  std::string text;  ///< the container process state, as JSON
};

/// Connects to linux.seccomp.listenerPath where the filter notifies. That path is the runtime's, so this
/// comes before the container's own root.
[[nodiscard]] Result<SeccompAgent> connect_seccomp_agent(const Config& config, const LoadedFilter& filter);

/// Writes the text. `pid` is that of the process whose filter it will be, as the runtime sees it, and `state`
/// that of its container.
void describe_process(SeccompAgent& agent, const State& state, Status status, int pid);

/// The calling process's id in the pid namespace of the /proc that is mounted now.
[[nodiscard]] Result<int> own_pid();

/// Sends text and listener in one message, and closes the connection. Allocates nothing: memory may be what
/// the filter asks the supervisor for.
[[nodiscard]] Result<void> hand_over(SeccompAgent& agent, const UniqueFd& listener);

}  // namespace podsd::runtime
