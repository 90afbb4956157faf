// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "spec/result.hpp"

namespace podsd::spec {

/// Reads a Kubernetes quantity (apimachinery resource.Quantity: plain, decimal and binary suffixes n u m
/// k M G T P E Ki Mi Gi Ti Pi Ei, exponents "1e3") and gives it in thousandths, rounded up: "250m" → 250,
/// "1.5" → 1500. Errors: not a quantity; negative; beyond what int64 holds.
[[nodiscard]] Result<std::int64_t> parse_milli(std::string_view text);

/// The same in whole units, rounded up: "64Mi" → 67108864, "100m" → 1.
[[nodiscard]] Result<std::int64_t> parse_units(std::string_view text);

}  // namespace podsd::spec
