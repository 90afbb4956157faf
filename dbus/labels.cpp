// SPDX-License-Identifier: Apache-2.0
#include "dbus/labels.hpp"

namespace podsd::dbus {

namespace {

constexpr std::string_view unit_prefix = "/org/freedesktop/systemd1/unit/";
constexpr std::string_view pod_prefix = "/org/podsd1/pod/";
constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int hex_value(char c) {
  const auto at = hex_digits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string escape_label(std::string_view text) {
  if (text.empty()) return "_";
  std::string label;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_letter(c) || (is_digit(c) && i > 0)) {
      label += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    label += '_';
    label += hex_digits[byte >> 4U];
    label += hex_digits[byte & 15U];
  }
  return label;
}

std::optional<std::string> unescape_label(std::string_view label) {
  if (label.empty()) return std::nullopt;
  if (label == "_") return std::string();
  std::string text;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] != '_') {
      text += label[i];
      continue;
    }
    if (i + 2 >= label.size()) return std::nullopt;
    const int high = hex_value(label[i + 1]);
    const int low = hex_value(label[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    text += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return text;
}

std::string unit_path(std::string_view unit) {
  return std::string(unit_prefix) + escape_label(unit);
}

std::optional<std::string> unit_of_path(std::string_view path) {
  if (!path.starts_with(unit_prefix)) return std::nullopt;
  return unescape_label(path.substr(unit_prefix.size()));
}

std::string pod_path(std::string_view ns, std::string_view name) {
  return std::string(pod_prefix) + escape_label(std::string(ns) + "/" + std::string(name));
}

}  // namespace podsd::dbus
