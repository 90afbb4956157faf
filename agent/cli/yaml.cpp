// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/yaml.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace podsd::cli {
namespace {

// YAML 1.1 (bool, null types) and 1.2 core schema give these words a meaning of their own.
constexpr std::array<std::string_view, 9> words{"y", "n", "yes", "no", "on", "off", "true", "false", "null"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_plain(std::string_view text) {
  if (text.empty() || text.size() > 1024) return false;
  // Digits, signs, '.', '~' and '=' may start a number, a date, null or an indicator: not first.
  if (!is_letter(text[0]) && text[0] != '/' && text[0] != '_') return false;
  if (text.back() == ' ' || text.back() == ':') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool digit = c >= '0' && c <= '9';
    if (!is_letter(c) && !digit && std::string_view("_./:@+=,- ()").find(c) == std::string_view::npos)
      return false;
    if (c == ':' && text[i + 1] == ' ') return false;
  }
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(words, lower) == words.end();
}

/// Bytes of `text` at `i` that must be written as an escape; sets `escape`, 0 where they may stand.
std::size_t escaped(std::string_view text, std::size_t i, std::string& escape) {
  const auto c = static_cast<unsigned char>(text[i]);
  std::array<char, 8> hex{};
  if (c == '"' || c == '\\') {
    escape = std::string("\\") + text[i];
  } else if (c == '\n' || c == '\t' || c == '\r') {
    escape = c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r";
  } else if (c < 0x20 || c == 0x7F) {
    std::snprintf(hex.data(), hex.size(), "\\x%02X", c);
    escape = hex.data();
  } else if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
    std::snprintf(hex.data(), hex.size(), "\\x%02X", static_cast<unsigned char>(text[i + 1]));
    escape = hex.data();
    return 2;
  } else if (text.substr(i, 3) == "\xE2\x80\xA8" || text.substr(i, 3) == "\xE2\x80\xA9") {
    escape = text[i + 2] == '\xA8' ? "\\L" : "\\P";
    return 3;
  } else if (text.substr(i, 3) == "\xEF\xBB\xBF") {
    escape = "\\uFEFF";
    return 3;
  } else {
    return 0;
  }
  return 1;
}

void emit(std::string& out, const Json& value, std::size_t indent);

/// Behind a key or a dash: small values on the same line, others below it.
void emit_below(std::string& out, const Json& value, std::size_t indent) {
  if (value.is_structured() && !value.empty()) {
    out += '\n';
    emit(out, value, indent);
  } else {
    out += ' ';
    emit(out, value, indent);
  }
}

void emit_object(std::string& out, const Json& value, std::size_t indent, bool first_in_place) {
  for (const auto& [key, inner] : value.items()) {
    if (!first_in_place) out.append(indent, ' ');
    first_in_place = false;
    out += yaml_scalar(key) + ":";
    emit_below(out, inner, inner.is_array() ? indent : indent + 2);
  }
}

void emit_array(std::string& out, const Json& value, std::size_t indent) {
  for (const Json& item : value) {
    out.append(indent, ' ');
    out += '-';
    if (item.is_object() && !item.empty()) {
      out += ' ';
      emit_object(out, item, indent + 2, true);
    } else {
      emit_below(out, item, indent + 2);
    }
  }
}

void emit(std::string& out, const Json& value, std::size_t indent) {
  if (value.is_object() && !value.empty()) return emit_object(out, value, indent, false);
  if (value.is_array() && !value.empty()) return emit_array(out, value, indent);
  out += value.is_string() ? yaml_scalar(value.get_ref<const std::string&>()) : value.dump();
  out += '\n';
}

}  // namespace

std::string yaml_scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out = "\"";
  std::string escape;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t taken = escaped(text, i, escape);
    if (taken == 0) {
      out += text[i++];
    } else {
      out += escape;
      i += taken;
    }
  }
  return out + '"';
}

std::string yaml_text(const Json& value) {
  std::string out;
  emit(out, value, 0);
  return out;
}

}  // namespace podsd::cli
