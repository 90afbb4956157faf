// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::cli {

/// Told of what is left out, and why.
using Warn = std::function<void(const std::string&)>;

/// Writes `source` (O_PATH) and what is below it as a tar archive (pax) to `out`, under `name`; an empty name
/// stands for the contents of a folder. Every step is by file descriptor and follows no link: links are
/// written as links. Devices, fifos and sockets are left out, and never opened. Errors: what cannot be read,
/// a folder in a file's place while it is looked at, more than 256 levels.
[[nodiscard]] Result<void> pack_tree(const UniqueFd& source, const std::string& name, int out,
                                     const Warn& warn);

}  // namespace podsd::cli
