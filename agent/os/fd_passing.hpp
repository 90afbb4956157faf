// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd {

/// Sends all of `text`, and with its first bytes a copy of `fd` (unix(7), SCM_RIGHTS).
[[nodiscard]] Result<void> send_with_fd(const UniqueFd& socket, std::string_view text, const UniqueFd& fd);

/// Receives once, at most `text.size()` bytes, and gives the file descriptor that came with them
/// (close-on-exec); an empty one where none came or the connection has ended.
[[nodiscard]] Result<UniqueFd> receive_with_fd(const UniqueFd& socket, std::span<char> text);

}  // namespace podsd
