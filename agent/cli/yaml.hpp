// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/cli/json_access.hpp"

namespace podsd::cli {

/// The value as one YAML document in block style, laid out as kubectl prints objects: two spaces per level,
/// lists not indented below their key. A string is plain only where every YAML 1.1 and 1.2 reader takes it
/// for that string, else in double quotes with escapes. The text ends in a newline.
[[nodiscard]] std::string yaml_text(const Json& value);

/// One string as a YAML scalar.
[[nodiscard]] std::string yaml_scalar(std::string_view text);

}  // namespace podsd::cli
