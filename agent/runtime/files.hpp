// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "spec/result.hpp"

namespace podsd::runtime {

/// The whole of a regular file, at most `max_bytes`.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

/// Puts a file in its place at once: whoever sees it, sees all of it.
[[nodiscard]] Result<void> replace_file(const std::string& path, const std::string& text);

}  // namespace podsd::runtime
