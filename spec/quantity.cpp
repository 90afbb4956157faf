// SPDX-License-Identifier: Apache-2.0
#include "spec/quantity.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <string>

namespace podsd::spec {
namespace {

__extension__ using Wide = unsigned __int128;

/// mantissa · 10^decimal · 2^binary; `more` where digits were dropped behind the mantissa.
struct Scaled {
  Wide mantissa = 0;
  int decimal = 0;
  int binary = 0;
  bool more = false;
};

bool digit(char c) {
  return c >= '0' && c <= '9';
}

// More digits than int64 holds can only round the result up.
constexpr int kept_digits = 19;

std::optional<std::string_view> read_digits(std::string_view text, Scaled& out) {
  int kept = 0;
  bool dot = false;
  bool any = false;
  std::size_t i = 0;
  for (; i < text.size() && (digit(text[i]) || (text[i] == '.' && !dot)); ++i) {
    if (text[i] == '.') {
      dot = true;
      continue;
    }
    any = true;
    const bool keep = kept < kept_digits;
    if (keep) {
      out.mantissa = out.mantissa * 10 + static_cast<unsigned>(text[i] - '0');
      if (out.mantissa > 0) ++kept;
    } else {
      out.more = out.more || text[i] != '0';
    }
    if (dot && keep) --out.decimal;
    if (!dot && !keep) ++out.decimal;
  }
  if (!any) return std::nullopt;
  return text.substr(i);
}

bool read_suffix(std::string_view suffix, Scaled& out) {
  struct Unit {
    std::string_view name;
    int decimal;
    int binary;
  };
  static constexpr Unit units[] = {{"", 0, 0},    {"n", -9, 0},  {"u", -6, 0},  {"m", -3, 0},
                                   {"k", 3, 0},   {"M", 6, 0},   {"G", 9, 0},   {"T", 12, 0},
                                   {"P", 15, 0},  {"E", 18, 0},  {"Ki", 0, 10}, {"Mi", 0, 20},
                                   {"Gi", 0, 30}, {"Ti", 0, 40}, {"Pi", 0, 50}, {"Ei", 0, 60}};
  for (const Unit& unit : units) {
    if (unit.name != suffix) continue;
    out.decimal += unit.decimal;
    out.binary = unit.binary;
    return true;
  }
  if (suffix[0] != 'e' && suffix[0] != 'E') return false;
  suffix.remove_prefix(suffix.size() > 2 && suffix[1] == '+' && digit(suffix[2]) ? 2 : 1);
  int exponent = 0;
  const auto read = std::from_chars(suffix.data(), suffix.data() + suffix.size(), exponent);
  if (read.ec != std::errc() || read.ptr != suffix.data() + suffix.size()) return false;
  if (exponent < -1000 || exponent > 1000) return false;
  out.decimal += exponent;
  return true;
}

/// Rounded up; nullopt where int64 does not hold it.
std::optional<std::int64_t> settle(Scaled value) {
  constexpr Wide most = std::numeric_limits<std::int64_t>::max();
  if (value.mantissa == 0) return value.more ? 1 : 0;
  Wide number = value.mantissa << static_cast<unsigned>(value.binary);
  bool rest = value.more;
  for (; value.decimal < 0 && number > 0; ++value.decimal) {
    rest = rest || number % 10 != 0;
    number /= 10;
  }
  for (; value.decimal > 0; --value.decimal) {
    if (number > most) return std::nullopt;
    number *= 10;
  }
  if (rest) ++number;
  if (number > most) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

Result<std::int64_t> parse(std::string_view text, int scale) {
  const bool negative = text.starts_with('-');
  std::string_view rest = text;
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  Scaled value;
  const std::optional<std::string_view> suffix = read_digits(rest, value);
  if (!suffix || !read_suffix(*suffix, value)) return fail("not a quantity", std::string(text));
  value.decimal += scale;
  const std::optional<std::int64_t> number = settle(value);
  if (negative && (value.mantissa > 0 || value.more)) return fail("negative", std::string(text));
  if (!number) return fail("too large", std::string(text));
  return *number;
}

}  // namespace

Result<std::int64_t> parse_milli(std::string_view text) {
  return parse(text, 3);
}
Result<std::int64_t> parse_units(std::string_view text) {
  return parse(text, 0);
}

}  // namespace podsd::spec
