// SPDX-License-Identifier: Apache-2.0
#include "spec/config_values.hpp"

#include <charconv>

#include "spec/quantity.hpp"

namespace podsd::spec {
namespace {

constexpr std::int64_t longest_usec = 7LL * 24 * 3600 * 1'000'000;

std::optional<std::int64_t> usec_of(std::string_view text) {
  static constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"ms", 1000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  for (const auto& [unit, usec] : units)
    if (text.substr(static_cast<std::size_t>(end - text.data())) == unit && number <= longest_usec / usec)
      return number * usec;
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> duration(const Reader& parent, std::string_view name) {
  const Reader value = parent.field(name, Type::text);
  if (!value.present()) return std::nullopt;
  const auto usec = usec_of(value.node().text);
  if (!usec) value.expect("a duration such as 500ms, 10s, 5m or 1h, at most 7 days");
  return usec;
}

std::optional<double> decimal(const Reader& parent, std::string_view name, double low, double high) {
  const Reader value = parent.field(name, Type::quantity);
  if (!value.present()) return std::nullopt;
  const auto milli = parse_milli(value.node().text);
  const double number = milli ? static_cast<double>(*milli) / 1000 : -1;
  if (number >= low && number <= high) return number;
  const auto shown = [](double d) { return std::to_string(d).substr(0, 5); };
  value.expect("a number from " + shown(low) + " to " + shown(high));
  return std::nullopt;
}

}  // namespace podsd::spec
