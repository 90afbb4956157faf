// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spec/result.hpp"

namespace podsd::cli {

/// A span of time as kubectl shows ages: "5s", "119s", "2m5s", "15m", "3h4m", "2d3h", "30d", "2y5d".
/// `microseconds` less than zero (a clock stepped back) is "0s".
[[nodiscard]] std::string age_text(std::int64_t microseconds);

/// Reads a span as kubectl's --since takes it (Go's time.Duration: "90s", "1h30m", "1.5h", "250ms") and,
/// beyond it, days
/// ("2d"), in microseconds. Errors: empty, no unit, unknown unit, more than 100 years.
[[nodiscard]] Result<std::int64_t> parse_duration(std::string_view text);

}  // namespace podsd::cli
