// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// Connects to a stream socket of any length of path (unix(7)). `what` names it in errors: "the console
/// socket".
[[nodiscard]] Result<UniqueFd> connect_unix(const std::string& path, const std::string& what);

/// Sends all of `text`, and with its first bytes a copy of `fd` (SCM_RIGHTS).
[[nodiscard]] Result<void> send_with_fd(const UniqueFd& socket, std::string_view text, const UniqueFd& fd);

}  // namespace podsd::runtime
