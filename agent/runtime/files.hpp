// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "spec/result.hpp"

namespace podsd::runtime {

/// The whole of a regular file, at most `max_bytes`.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

/// Makes a directory with its parents, 0700. One that is there keeps its mode.
[[nodiscard]] Result<void> make_directories(const std::string& path);

/// Puts a file in its place at once: whoever sees it, sees all of it.
[[nodiscard]] Result<void> replace_file(const std::string& path, const std::string& text);

}  // namespace podsd::runtime
