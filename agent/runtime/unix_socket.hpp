// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// Connects to a stream socket of any length of path (unix(7)). `what` names it in errors: "the console
/// socket".
[[nodiscard]] Result<UniqueFd> connect_unix(const std::string& path, const std::string& what);

}  // namespace podsd::runtime
