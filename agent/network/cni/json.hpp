// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "spec/result.hpp"

namespace podsd::network::cni {

using Json = nlohmann::json;

/// Reads JSON of at most 64 levels: more would be walked recursively on the stack. Errors say line and
/// column.
[[nodiscard]] Result<Json> parse_json(std::string_view text);

}  // namespace podsd::network::cni
