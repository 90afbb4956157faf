// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace podsd {

/// Words of others as one line that may stand in a status, a log or a message of D-Bus: control characters
/// are blanks, none at the ends, what is no UTF-8 is replaced, and after `longest` bytes it is cut.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t longest = 400);

}  // namespace podsd
