// SPDX-License-Identifier: Apache-2.0
#include "agent/kube/text.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace podsd::kube {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::seconds;
using std::chrono::sys_days;

struct Suffix {
  std::int64_t factor;
  std::string_view text;
};

// Binary before decimal, large before small: the first that divides wins.
constexpr std::array<Suffix, 12> suffixes{{
    {1LL << 60, "Ei"},
    {1LL << 50, "Pi"},
    {1LL << 40, "Ti"},
    {1LL << 30, "Gi"},
    {1LL << 20, "Mi"},
    {1LL << 10, "Ki"},
    {1'000'000'000'000'000'000, "E"},
    {1'000'000'000'000'000, "P"},
    {1'000'000'000'000, "T"},
    {1'000'000'000, "G"},
    {1'000'000, "M"},
    {1'000, "k"},
}};

std::string civil_text(std::chrono::sys_time<seconds> time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return out.data();
}

/// Takes exactly `digits` digits and then `end` off the front of `text`.
std::optional<int> take(std::string_view& text, std::size_t digits, char end) {
  if (text.size() <= digits || text[digits] != end) return std::nullopt;
  int value = 0;
  const char* last = text.data() + digits;
  const auto [stop, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || stop != last || value < 0) return std::nullopt;
  text.remove_prefix(digits + 1);
  return value;
}

/// Length of the well-formed UTF-8 sequence at the front of `text`, 0 where there is none.
std::size_t sequence_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) return 0;
  // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (at(1) < low || at(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

std::string time_text(std::int64_t time) {
  return civil_text(std::chrono::floor<seconds>(std::chrono::sys_time<microseconds>(microseconds(time)))) +
         "Z";
}

std::string micro_time_text(std::int64_t time) {
  const std::chrono::sys_time<microseconds> instant{microseconds(time)};
  const auto whole = std::chrono::floor<seconds>(instant);
  std::array<char, 32> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%06dZ", static_cast<int>((instant - whole).count()));
  return civil_text(whole) + fraction.data();
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  const auto year = take(text, 4, '-');
  const auto month = year ? take(text, 2, '-') : std::nullopt;
  const auto day = month ? take(text, 2, 'T') : std::nullopt;
  const auto hour = day ? take(text, 2, ':') : std::nullopt;
  const auto minute = hour ? take(text, 2, ':') : std::nullopt;
  if (!minute) return std::nullopt;
  const bool fractional = text.size() > 2 && text[2] == '.';
  const auto second = take(text, 2, fractional ? '.' : 'Z');
  const auto fraction = !second ? std::nullopt : fractional ? take(text, 6, 'Z') : std::optional(0);
  if (!fraction || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto since = sys_days(date).time_since_epoch() + std::chrono::hours(*hour) +
                     std::chrono::minutes(*minute) + seconds(*second) + microseconds(*fraction);
  return std::chrono::duration_cast<microseconds>(since).count();
}

std::string cpu_text(std::int64_t milli) {
  return milli % 1000 == 0 ? std::to_string(milli / 1000) : std::to_string(milli) + "m";
}

std::string bytes_text(std::int64_t bytes) {
  if (bytes == 0) return "0";
  for (const Suffix& suffix : suffixes) {
    if (bytes % suffix.factor == 0) return std::to_string(bytes / suffix.factor) + std::string(suffix.text);
  }
  return std::to_string(bytes);
}

std::string utf8_text(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      bytes.remove_prefix(1);
      continue;
    }
    out += bytes.substr(0, length);
    bytes.remove_prefix(length);
  }
  return out;
}

}  // namespace podsd::kube
