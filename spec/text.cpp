// SPDX-License-Identifier: Apache-2.0
#include "spec/text.hpp"

#include <algorithm>

namespace podsd::spec {
namespace {

unsigned byte(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

bool between(unsigned value, unsigned low, unsigned high) {
  return value >= low && value <= high;
}

std::string hex(unsigned value) {
  static constexpr char digits[] = "0123456789abcdef";
  return {'0', 'x', digits[(value >> 4U) & 15U], digits[value & 15U]};
}

}  // namespace

Position position_of(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  const auto starts = std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; });
  return {static_cast<int>(std::ranges::count(before, '\n')) + 1, static_cast<int>(starts) + 1};
}

std::size_t utf8_length(std::string_view text, std::size_t i) {
  const unsigned a = byte(text, i);
  const unsigned b = byte(text, i + 1);
  const bool c = between(byte(text, i + 2), 0x80, 0xBF);
  const bool d = between(byte(text, i + 3), 0x80, 0xBF);
  if (i >= text.size()) return 0;
  if (a < 0x80) return 1;
  if (between(a, 0xC2, 0xDF)) return between(b, 0x80, 0xBF) ? 2 : 0;
  if (between(a, 0xE0, 0xEF)) {
    const unsigned low = a == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = a == 0xED ? 0x9F : 0xBF;
    return between(b, low, high) && c ? 3 : 0;
  }
  if (between(a, 0xF0, 0xF4)) {
    const unsigned low = a == 0xF0 ? 0x90 : 0x80;
    const unsigned high = a == 0xF4 ? 0x8F : 0xBF;
    return between(b, low, high) && c && d ? 4 : 0;
  }
  return 0;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | (c >> 6));
  } else {
    if (c < 0x10000) {
      put(0xE0 | (c >> 12));
    } else {
      put(0xF0 | (c >> 18));
      put(0x80 | ((c >> 12) & 0x3F));
    }
    put(0x80 | ((c >> 6) & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

std::optional<BadBytes> find_bad_bytes(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF"))
    return BadBytes{0, "the file starts with a byte order mark: save it as UTF-8 without one"};
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return BadBytes{0, "the file is UTF-16: save it as UTF-8"};
  for (std::size_t i = 0; i < text.size();) {
    const unsigned c = byte(text, i);
    if (c == 0) return BadBytes{i, "found a NUL byte, expected text"};
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
      return BadBytes{i, "found the control character " + hex(c) + ", expected text"};
    const std::size_t length = utf8_length(text, i);
    if (length == 0) return BadBytes{i, "found the byte " + hex(c) + ", which is not valid UTF-8 here"};
    i += length;
  }
  return std::nullopt;
}

}  // namespace podsd::spec
