// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/stats.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace podsd::runtime {
namespace {

using Json = nlohmann::ordered_json;
using Reader = std::function<std::string(const std::string&)>;

std::uint64_t number(std::string_view text) {
  if (text.starts_with("max")) return UINT64_MAX;
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Takes the first word, or line, off.
std::string_view take(std::string_view& text, char until) {
  std::string_view part = text.substr(0, text.find(until));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

Json cpu(const Reader& read) {
  std::string stat = read("cpu.stat");
  auto nanoseconds = [&](const char* key) { return number_of(stat, key) * 1000; };
  return {{"usage",
           {{"total", nanoseconds("usage_usec")},
            {"kernel", nanoseconds("system_usec")},
            {"user", nanoseconds("user_usec")}}},
          {"throttling",
           {{"periods", number_of(stat, "nr_periods")},
            {"throttledPeriods", number_of(stat, "nr_throttled")},
            {"throttledTime", nanoseconds("throttled_usec")}}}};
}

Json memory(const Reader& read) {
  std::string stat = read("memory.stat");
  Json raw = Json::object();
  for (std::string_view rest = stat; !rest.empty();) {
    std::string_view line = take(rest, '\n');
    std::string key(take(line, ' '));
    raw[key] = number(line);
  }
  std::uint64_t used = number(read("memory.current")), limit = number(read("memory.max"));
  std::uint64_t swapped = number(read("memory.swap.current")), swap = number(read("memory.swap.max"));
  // runc counts swap as the old hierarchy did, with memory.
  std::uint64_t both = swap == UINT64_MAX || limit == UINT64_MAX ? UINT64_MAX : swap + limit;
  return {
      {"cache", number_of(stat, "file")},
      {"usage", {{"limit", limit}, {"usage", used}, {"failcnt", number_of(read("memory.events"), "max")}}},
      {"swap", {{"limit", both}, {"usage", used + swapped}, {"failcnt", 0}}},
      {"raw", raw}};
}

Json pids(const Reader& read) {
  std::uint64_t limit = number(read("pids.max"));
  return {{"current", number(read("pids.current"))}, {"limit", limit == UINT64_MAX ? 0 : limit}};
}

// io.stat: "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6".
Json blkio(const Reader& read) {
  Json bytes = Json::array(), operations = Json::array();
  std::string stat = read("io.stat");
  for (std::string_view rest = stat; !rest.empty();) {
    std::string_view line = take(rest, '\n'), device = take(line, ' ');
    std::uint64_t major = number(take(device, ':')), minor = number(device);
    while (!line.empty()) {
      std::string_view pair = take(line, ' '), key = take(pair, '=');
      if (!key.ends_with("bytes") && !key.ends_with("ios")) continue;
      const char* operation = key.front() == 'r' ? "Read" : key.front() == 'w' ? "Write" : "Discard";
      Json one = {{"major", major}, {"minor", minor}, {"op", operation}, {"value", number(pair)}};
      (key.ends_with("bytes") ? bytes : operations).push_back(one);
    }
  }
  return {{"ioServiceBytesRecursive", bytes}, {"ioServicedRecursive", operations}};
}

}  // namespace

std::uint64_t number_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    if (take(line, ' ') == key) return number(line);
  }
  return 0;
}

Json stats_of(const Reader& read) {
  return {{"cpu", cpu(read)}, {"memory", memory(read)}, {"pids", pids(read)}, {"blkio", blkio(read)}};
}

}  // namespace podsd::runtime
