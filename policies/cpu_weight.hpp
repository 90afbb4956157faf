// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace podsd::policies {

/// cpu.weight (1 … 10,000) for CPU shares (clamped to 2 … 262,144):
/// ceil(10^((L² + 125·L)/612 − 7/34)) with L = log2(shares), as runc and crun map them since 2025; 1024 →
/// 100. In a header of its own, so that podsd-runtime has it without the rest.
[[nodiscard]] inline std::uint64_t weight_of_shares(std::uint64_t shares) {
  const double l = std::log2(static_cast<double>(std::clamp<std::uint64_t>(shares, 2, 262'144)));
  const double weight = std::ceil(std::pow(10.0, (l * l + 125.0 * l) / 612.0 - 7.0 / 34.0));
  return static_cast<std::uint64_t>(std::clamp(weight, 1.0, 10'000.0));
}

}  // namespace podsd::policies
