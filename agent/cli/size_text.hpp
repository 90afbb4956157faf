// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace podsd::cli {

/// Bytes for people, in decimal units as image tools show them, three digits: "62.3MB", "999B", "1.2GB".
[[nodiscard]] std::string size_text(std::uint64_t bytes);

}  // namespace podsd::cli
