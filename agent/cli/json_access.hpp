// SPDX-License-Identifier: Apache-2.0
// Reading JSON that may lack anything: every accessor gives a neutral value where the field is absent or of
// another type.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace podsd::cli {

/// Sorted by key, as kubectl prints objects.
using Json = nlohmann::json;

/// object[key], or null.
[[nodiscard]] inline const Json& field(const Json& object, const char* key) {
  static const Json null;
  const auto at = object.find(key);
  return at == object.end() ? null : *at;
}

/// object[key] where it is an array, else an empty one.
[[nodiscard]] inline const Json& list(const Json& object, const char* key) {
  static const Json empty = Json::array();
  const Json& value = field(object, key);
  return value.is_array() ? value : empty;
}

[[nodiscard]] inline std::string text(const Json& object, const char* key) {
  const Json& value = field(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

[[nodiscard]] inline std::int64_t number(const Json& object, const char* key) {
  const Json& value = field(object, key);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

[[nodiscard]] inline bool flag(const Json& object, const char* key) {
  const Json& value = field(object, key);
  return value.is_boolean() && value.get<bool>();
}

}  // namespace podsd::cli
