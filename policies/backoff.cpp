// SPDX-License-Identifier: Apache-2.0
#include "policies/backoff.hpp"

#include <algorithm>

namespace podsd::policies {

Delay next_delay(const Backoff& backoff, const BackoffConfig& config, std::int64_t ran_usec) {
  if (backoff.failures == 0 || ran_usec >= config.reset_usec) return {0, {1, 0}};
  const double grown = static_cast<double>(backoff.last_usec) * config.factor;
  const double wanted = std::max(grown, static_cast<double>(config.first_usec));
  const auto usec = static_cast<std::int64_t>(std::min(wanted, static_cast<double>(config.cap_usec)));
  return {usec, {backoff.failures + 1, usec}};
}

}  // namespace podsd::policies
