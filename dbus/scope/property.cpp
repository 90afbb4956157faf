// SPDX-License-Identifier: Apache-2.0
#include "dbus/scope/property.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace podsd::dbus {
namespace {

template <typename Number>
bool read_number(std::string_view text, Number& number, int base = 10) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size();
}

int append_number(sd_bus_message* message, std::string_view text) {
  std::uint64_t number = 0;
  return read_number(text, number) ? sd_bus_message_append(message, "v", "t", number) : -EINVAL;
}

int append_process(sd_bus_message* message, std::string_view text) {
  std::uint32_t number = 0;
  return read_number(text, number) ? sd_bus_message_append(message, "v", "au", 1, number) : -EINVAL;
}

int append_flag(sd_bus_message* message, std::string_view text) {
  if (text != "true" && text != "false") return -EINVAL;
  return sd_bus_message_append(message, "v", "b", text == "true" ? 1 : 0);
}

int append_bytes(sd_bus_message* message, std::string_view digits) {
  std::vector<std::uint8_t> bytes;
  if (digits.size() % 2 != 0) return -EINVAL;
  for (; !digits.empty(); digits.remove_prefix(2))
    if (!read_number(digits.substr(0, 2), bytes.emplace_back(), 16)) return -EINVAL;
  int error = sd_bus_message_open_container(message, 'v', "ay");
  if (error >= 0) error = sd_bus_message_append_array(message, 'y', bytes.data(), bytes.size());
  return error >= 0 ? sd_bus_message_close_container(message) : error;
}

int append_pairs(sd_bus_message* message, std::string_view list) {
  int error = sd_bus_message_open_container(message, 'v', "a(ss)");
  if (error >= 0) error = sd_bus_message_open_container(message, 'a', "(ss)");
  while (error >= 0 && !list.empty()) {
    auto end = std::min(list.find(','), list.size());
    std::string pair(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
    auto space = pair.find(' ');
    if (space == std::string::npos) return -EINVAL;
    error = sd_bus_message_append(message, "(ss)", pair.substr(0, space).c_str(), pair.c_str() + space + 1);
  }
  if (error >= 0) error = sd_bus_message_close_container(message);
  return error >= 0 ? sd_bus_message_close_container(message) : error;
}

int append_value(sd_bus_message* message, std::string_view type, std::string_view value) {
  if (type == "t") return append_number(message, value);
  if (type == "b") return append_flag(message, value);
  if (type == "s") return sd_bus_message_append(message, "v", "s", std::string(value).c_str());
  if (type == "au") return append_process(message, value);
  if (type == "ay") return append_bytes(message, value);
  if (type == "a(ss)") return append_pairs(message, value);
  return -EINVAL;
}

}  // namespace

int append_property(sd_bus_message* message, const char* word) {
  std::string_view text = word;
  auto equals = text.find('='), colon = text.find(':', equals == std::string_view::npos ? 0 : equals);
  if (equals == std::string_view::npos || colon == std::string_view::npos) return -EINVAL;
  int error = sd_bus_message_open_container(message, 'r', "sv");
  if (error >= 0) error = sd_bus_message_append(message, "s", std::string(text.substr(0, equals)).c_str());
  if (error >= 0)
    error = append_value(message, text.substr(equals + 1, colon - equals - 1), text.substr(colon + 1));
  return error >= 0 ? sd_bus_message_close_container(message) : error;
}

}  // namespace podsd::dbus
