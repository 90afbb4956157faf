// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace podsd::cli {
namespace {

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t year = 365 * day;

struct Form {
  std::int64_t below;  ///< used for spans of fewer seconds
  std::int64_t unit;
  char letter;
  std::int64_t minor;  ///< 0: no second part
  char minor_letter;
};

constexpr std::array<Form, 9> forms{{{2 * minute, 1, 's', 0, 0},
                                     {10 * minute, minute, 'm', 1, 's'},
                                     {3 * hour, minute, 'm', 0, 0},
                                     {8 * hour, hour, 'h', minute, 'm'},
                                     {2 * day, hour, 'h', 0, 0},
                                     {8 * day, day, 'd', hour, 'h'},
                                     {2 * year, day, 'd', 0, 0},
                                     {8 * year, year, 'y', day, 'd'},
                                     {INT64_MAX, year, 'y', 0, 0}}};

struct Unit {
  std::string_view name;
  double microseconds;
};

constexpr std::array<Unit, 8> units{{{"ns", 1e-3},
                                     {"us", 1},
                                     {"µs", 1},
                                     {"ms", 1e3},
                                     {"s", 1e6},
                                     {"m", 60e6},
                                     {"h", 3600e6},
                                     {"d", 86400e6}}};

constexpr double longest = 100.0 * 365 * 86400e6;

}  // namespace

std::string age_text(std::int64_t microseconds) {
  const std::int64_t seconds = std::max<std::int64_t>(microseconds, 0) / 1'000'000;
  const auto form = std::ranges::find_if(forms, [&](const Form& f) { return seconds < f.below; });
  std::string out = std::to_string(seconds / form->unit) + form->letter;
  const std::int64_t rest = form->minor == 0 ? 0 : seconds % form->unit / form->minor;
  if (rest != 0) out += std::to_string(rest) + form->minor_letter;
  return out;
}

Result<std::int64_t> parse_duration(std::string_view text) {
  const auto bad = [&] { return fail("not a duration such as 90s, 5m or 1h30m", std::string(text)); };
  double total = 0;
  std::string_view rest = text;
  if (rest.empty()) return bad();
  while (!rest.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || rest[0] == '-' || !std::isfinite(number)) return bad();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const std::string_view name = rest.substr(0, rest.find_first_of("0123456789."));
    const auto unit = std::ranges::find(units, name, &Unit::name);
    if (unit == units.end()) return bad();
    rest.remove_prefix(name.size());
    total += number * unit->microseconds;
  }
  if (total > longest) return bad();
  return static_cast<std::int64_t>(std::llround(total));
}

}  // namespace podsd::cli
