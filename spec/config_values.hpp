// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "spec/read.hpp"

namespace podsd::spec {

/// A duration such as 500ms, 10s, 5m or 1h, at most 7 days, in microseconds; reports others.
[[nodiscard]] std::optional<std::int64_t> duration(const Reader& parent, std::string_view name);

/// A decimal in [low, high], by thousandths; reports others.
[[nodiscard]] std::optional<double> decimal(const Reader& parent, std::string_view name, double low,
                                            double high);

}  // namespace podsd::spec
