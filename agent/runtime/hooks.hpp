// SPDX-License-Identifier: Apache-2.0
// Programs that the configuration has run at points of a container's life (config.md, "POSIX-platform
// Hooks"). Which of them run when, and what follows from a failure, is runtime.md's "Lifecycle".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

class Node;

struct Hook {
  std::string path;               ///< absolute
  std::vector<std::string> args;  ///< with the program's name; empty: its path
  std::vector<std::string> env;   ///< all that it gets
  int timeout = 0;                ///< seconds, after which it is killed; 0: none
};

struct Hooks {
  std::vector<Hook> prestart, create_runtime;  ///< in the runtime's namespaces, before the root changes
  std::vector<Hook> create_container;          ///< in the container's, with the root of the host
  std::vector<Hook> start_container;           ///< in the container's, with its root
  std::vector<Hook> poststart, poststop;       ///< in the runtime's

  /// Some run, and may fail, between the set-up and the program.
  [[nodiscard]] bool before_program() const {
    return !prestart.empty() || !create_runtime.empty() || !create_container.empty() ||
           !start_container.empty();
  }
  /// Something has to happen in later commands.
  [[nodiscard]] bool later() const { return !poststart.empty() || !poststop.empty(); }
};

/// The value of `hooks`.
[[nodiscard]] Hooks read_hooks(const Node& node);

/// The names that read_hooks() knows.
[[nodiscard]] std::vector<std::string> hook_names();

/// Runs hooks one after the other, each with `state` on its standard input and in the directory that
/// `directory` refers to (none: this process's). Errors: the first that cannot be run, fails or takes too
/// long, with the end of what it said; those behind it do not run.
[[nodiscard]] Result<void> run_hooks(const std::vector<Hook>& hooks, std::string_view name,
                                     const std::string& state, const UniqueFd& directory);

}  // namespace podsd::runtime
