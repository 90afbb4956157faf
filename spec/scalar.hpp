// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "spec/node.hpp"

namespace podsd::spec {

/// What a scalar is by the core schema of YAML 1.2 (10.3.2), which JSON agrees with.
enum class ScalarType { string, boolean, integer, number };
[[nodiscard]] ScalarType scalar_type(const Node& node);

/// The value of an integer scalar; nullopt where it does not fit, or where a leading zero leaves open whether
/// YAML 1.1 (octal) or 1.2 (decimal) was meant.
[[nodiscard]] std::optional<std::int64_t> integer_value(const Node& node);

/// What a node is, for "found …": "nothing", "the number 80", "the string \"80\"", "a list", "a mapping".
[[nodiscard]] std::string describe(const Node& node);

}  // namespace podsd::spec
