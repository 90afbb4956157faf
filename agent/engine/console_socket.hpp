// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::engine {

/// Makes a stream socket that is not bound listen at `folder`/console, where an OCI runtime sends the master
/// of a process's terminal (--console-socket), however long the folder's path is.
[[nodiscard]] Result<void> listen_for_terminal(const std::filesystem::path& folder, const UniqueFd& socket);

}  // namespace podsd::engine
