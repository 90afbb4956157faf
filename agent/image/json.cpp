// SPDX-License-Identifier: Apache-2.0
#include "agent/image/json.hpp"

namespace podsd::image {
namespace {

constexpr int max_depth = 64;

/// Json copies itself recursively, so nesting is bounded before there is a Json.
bool too_deep(const std::string& text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if ((c == '[' || c == '{') && ++depth > max_depth) return true;
    if (c == ']' || c == '}') --depth;
  }
  return false;
}

Result<std::string> string_of(const Json& value, const char* key) {
  if (!value.is_string()) return fail("not a string", key);
  const auto& text = value.get_ref<const std::string&>();
  if (text.find('\0') != std::string::npos) return fail("string holds a NUL", key);
  return text;
}

}  // namespace

Result<Json> parse_json(const std::string& text, const std::string& subject) {
  if (too_deep(text)) return fail("JSON nested too deeply", subject);
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded() || !value.is_structured()) return fail("not a JSON document", subject);
  return value;
}

const Json& member(const Json& object, const char* key) {
  static const Json null;
  if (!object.is_object()) return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

Result<std::string> string_member(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (value.is_null()) return "";
  return string_of(value, key);
}

Result<std::vector<std::string>> strings_member(const Json& object, const char* key) {
  const Json& value = member(object, key);
  std::vector<std::string> list;
  if (value.is_null()) return list;
  if (!value.is_array()) return fail("not a list", key);
  for (const Json& item : value) {
    auto text = string_of(item, key);
    if (!text) return std::unexpected(text.error());
    list.push_back(std::move(*text));
  }
  return list;
}

Result<std::uint64_t> size_member(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (!value.is_number_unsigned()) return fail("not a size", key);
  return value.get<std::uint64_t>();
}

}  // namespace podsd::image
