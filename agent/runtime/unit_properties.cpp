// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/unit_properties.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "agent/runtime/cgroup_values.hpp"
#include "agent/runtime/device_rules.hpp"
#include "policies/cpu_weight.hpp"

namespace podsd::runtime {
namespace {

using Properties = std::vector<std::string>;

constexpr std::uint64_t infinity = UINT64_MAX;
constexpr std::uint64_t usec_per_sec = 1'000'000;
constexpr std::uint64_t default_period = 100'000;  // cpu.max's, in µs
constexpr std::uint64_t percent_of_sec = usec_per_sec / 100;
constexpr unsigned max_list_number = 8192;

void add(Properties& properties, const char* name, std::uint64_t value) {
  properties.push_back(std::string(name) + "=t:" + std::to_string(value));
}

// A number with the kernel's K, M, G or T, or "max".
std::optional<std::uint64_t> amount(std::string_view text) {
  if (text == "max") return infinity;
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (suffix.empty()) return number;
  auto power = std::string_view("KMGTkmgt").find(suffix.front());
  if (suffix.size() != 1 || power == std::string_view::npos) return std::nullopt;
  return number << (10 * (power % 4 + 1));
}

// systemd keeps whole per cents of a CPU: rounded up, so that the cgroup's own value, which is exact, stays
// within.
void add_quota(std::uint64_t quota, std::uint64_t period, Properties& properties) {
  std::uint64_t per_sec = infinity;
  if (quota != infinity) {
    per_sec = quota * usec_per_sec / period;
    per_sec = (per_sec + percent_of_sec - 1) / percent_of_sec * percent_of_sec;
  }
  add(properties, "CPUQuotaPerSecUSec", per_sec);
  add(properties, "CPUQuotaPeriodUSec", period);
}

// "3" or "0-3"; nothing for what is neither.
std::optional<std::pair<unsigned, unsigned>> range_of(std::string_view text) {
  unsigned low = 0;
  const char* stop = text.data() + text.size();
  auto first = std::from_chars(text.data(), stop, low);
  if (first.ec != std::errc()) return std::nullopt;
  if (first.ptr == stop) return std::pair(low, low);
  unsigned high = 0;
  auto last = std::from_chars(first.ptr + 1, stop, high);
  if (*first.ptr != '-' || last.ec != std::errc() || last.ptr != stop || high < low) return std::nullopt;
  return std::pair(low, high);
}

// "0-3,6" as bytes, the lowest number in the lowest bit of the first, in hexadecimal digits.
Result<std::string> bitmask(const std::string& field, std::string_view list) {
  constexpr const char* digits = "0123456789abcdef";
  std::vector<std::uint8_t> bytes;
  while (!list.empty()) {
    std::string_view part = list.substr(0, list.find(','));
    list.remove_prefix(std::min(part.size() + 1, list.size()));
    auto range = range_of(part);
    if (!range || range->second >= max_list_number)
      return fail(field, "must be a list like 0-3,6, not " + std::string(part));
    if (bytes.size() <= range->second / 8) bytes.resize(range->second / 8 + 1);
    for (unsigned at = range->first; at <= range->second; ++at)
      bytes[at / 8] |= static_cast<std::uint8_t>(1U << at % 8);
  }
  std::string text;
  for (std::uint8_t byte : bytes) text += {digits[byte >> 4], digits[byte & 15]};
  return text;
}

Result<void> add_list(const char* name, const std::string& field, const std::string& list,
                      Properties& properties) {
  if (list.empty()) return {};
  auto mask = bitmask(field, list);
  if (!mask) return std::unexpected(mask.error());
  properties.push_back(std::string(name) + "=ay:" + *mask);
  return {};
}

Result<void> add_cpu(const CpuLimits& cpu, Properties& properties) {
  if (cpu.shares.value_or(0) != 0) add(properties, "CPUWeight", policies::weight_of_shares(*cpu.shares));
  if (cpu.idle.value_or(0) == 1) add(properties, "CPUWeight", 0);  // CGROUP_WEIGHT_IDLE
  if (std::uint64_t period = cpu.period.value_or(0); cpu.quota.value_or(0) != 0 || period != 0)
    add_quota(cpu.quota.value_or(-1) > 0 ? static_cast<std::uint64_t>(*cpu.quota) : infinity,
              period != 0 ? period : default_period, properties);
  if (auto done = add_list("AllowedCPUs", "cpu.cpus", cpu.cpus, properties); !done) return done;
  return add_list("AllowedMemoryNodes", "cpu.mems", cpu.mems, properties);
}

void add_limit(const char* name, std::int64_t limit, Properties& properties) {
  add(properties, name, limit < 0 ? infinity : static_cast<std::uint64_t>(limit));
}

Result<void> add_memory(const MemoryLimits& memory, Properties& properties) {
  auto swap = swap_alone(memory);
  if (!swap) return std::unexpected(swap.error());
  if (memory.limit.value_or(0) != 0) add_limit("MemoryMax", *memory.limit, properties);
  if (memory.reservation.value_or(0) != 0) add_limit("MemoryLow", *memory.reservation, properties);
  if (*swap) add_limit("MemorySwapMax", **swap, properties);
  return {};
}

// What of `unified` is a property, too. A value that is not understood is left to the kernel's judgement.
Result<void> add_unified(const std::string& file, const std::string& text, Properties& properties) {
  constexpr std::array<std::array<const char*, 2>, 7> amounts = {{{"memory.max", "MemoryMax"},
                                                                  {"memory.high", "MemoryHigh"},
                                                                  {"memory.low", "MemoryLow"},
                                                                  {"memory.min", "MemoryMin"},
                                                                  {"memory.swap.max", "MemorySwapMax"},
                                                                  {"pids.max", "TasksMax"},
                                                                  {"cpu.weight", "CPUWeight"}}};
  for (auto [name, property] : amounts)
    if (auto value = amount(text); file == name && value) add(properties, property, *value);
  if (file == "cpu.max") {
    auto space = std::min(text.find(' '), text.size());
    auto quota = amount(std::string_view(text).substr(0, space));
    auto period = space == text.size() ? default_period : amount(std::string_view(text).substr(space + 1));
    if (quota && period && *period != 0) add_quota(*quota, *period, properties);
  }
  if (file == "cpuset.cpus") return add_list("AllowedCPUs", "unified." + file, text, properties);
  if (file == "cpuset.mems") return add_list("AllowedMemoryNodes", "unified." + file, text, properties);
  return {};
}

}  // namespace

Result<std::vector<std::string>> unit_properties(const Resources& resources) {
  Properties properties;
  if (auto done = add_memory(resources.memory, properties); !done) return std::unexpected(done.error());
  if (auto done = add_cpu(resources.cpu, properties); !done) return std::unexpected(done.error());
  if (resources.pids.value_or(0) != 0) add_limit("TasksMax", *resources.pids, properties);
  if (resources.block.weight) add(properties, "IOWeight", io_weight(*resources.block.weight));
  for (const auto& [file, text] : resources.unified)
    if (auto done = add_unified(file, text, properties); !done) return std::unexpected(done.error());
  return properties;
}

std::vector<std::string> device_unit_properties(const std::vector<DeviceRule>& rules) {
  DeviceProperties devices = device_properties(rules);
  std::string allow;
  for (const auto& [specifier, access] : devices.allow)
    allow += (allow.empty() ? "" : ",") + specifier + " " + access;
  return {std::string("DevicePolicy=s:") + (devices.closed ? "strict" : "auto"),
          "DeviceAllow=a(ss):" + allow};
}

}  // namespace podsd::runtime
