// SPDX-License-Identifier: Apache-2.0
#include "spec/scalar.hpp"

#include <algorithm>
#include <charconv>

#include "spec/findings.hpp"

namespace podsd::spec {
namespace {

bool digits(std::string_view text, std::string_view set = "0123456789") {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

std::string_view unsigned_part(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text;
}

bool integer(std::string_view text) {
  if (text.starts_with("0o")) return digits(text.substr(2), "01234567");
  if (text.starts_with("0x")) return digits(text.substr(2), "0123456789abcdefABCDEF");
  return digits(unsigned_part(text));
}

bool special_number(std::string_view text) {
  static constexpr std::string_view words[] = {".inf", ".Inf", ".INF"};
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  return std::ranges::find(words, unsigned_part(text)) != std::end(words);
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool number(std::string_view text) {
  text = unsigned_part(text);
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    if (!digits(unsigned_part(text.substr(e + 1)))) return false;
    text = text.substr(0, e);
  }
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return digits(text);
  const std::string_view whole = text.substr(0, dot);
  const std::string_view fraction = text.substr(dot + 1);
  if (whole.empty()) return digits(fraction);
  return digits(whole) && (fraction.empty() || digits(fraction));
}

}  // namespace

ScalarType scalar_type(const Node& node) {
  static constexpr std::string_view booleans[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
  const std::string_view text = node.text;
  if (node.kind != Node::Kind::plain) return ScalarType::string;
  if (std::ranges::find(booleans, text) != std::end(booleans)) return ScalarType::boolean;
  if (integer(text)) return ScalarType::integer;
  if (number(text) || special_number(text)) return ScalarType::number;
  return ScalarType::string;
}

std::optional<std::int64_t> integer_value(const Node& node) {
  std::string_view text = node.text;
  int base = 10;
  if (text.starts_with("0o")) base = 8;
  if (text.starts_with("0x")) base = 16;
  if (base != 10) {
    text.remove_prefix(2);
  } else {
    if (text.starts_with('+')) text.remove_prefix(1);
    const std::string_view body = unsigned_part(text);
    if (body.size() > 1 && body[0] == '0') return std::nullopt;
  }
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::mapping:
      return "a mapping";
    case Node::Kind::quoted:
      return "the string " + excerpt(node.text);
    case Node::Kind::invalid:
    case Node::Kind::plain:
      break;
  }
  switch (scalar_type(node)) {
    case ScalarType::boolean:
      return "the boolean " + excerpt_bare(node.text);
    case ScalarType::integer:
    case ScalarType::number:
      return "the number " + excerpt_bare(node.text);
    case ScalarType::string:
      break;
  }
  return "the string " + excerpt(node.text);
}

}  // namespace podsd::spec
