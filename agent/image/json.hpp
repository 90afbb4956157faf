// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::image {

using Json = nlohmann::json;

/// An object or array from text that is not trusted. Errors: not JSON, or a bare scalar.
[[nodiscard]] Result<Json> parse_json(const std::string& text, const std::string& subject);

/// The member `key` of an object; null where it is absent or `object` is none.
[[nodiscard]] const Json& member(const Json& object, const char* key);

/// A string member; "" where it is absent or null. Errors: another type, or a NUL inside.
[[nodiscard]] Result<std::string> string_member(const Json& object, const char* key);

/// A list of strings; empty where it is absent or null. Errors as for string_member.
[[nodiscard]] Result<std::vector<std::string>> strings_member(const Json& object, const char* key);

/// A number of bytes. Errors: absent, negative or no integer.
[[nodiscard]] Result<std::uint64_t> size_member(const Json& object, const char* key);

}  // namespace podsd::image
