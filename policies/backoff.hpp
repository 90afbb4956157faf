// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace podsd::policies {

/// How long a container waits before it is started again; all in microseconds. Defaults are the kubelet's:
/// at once the first time, then 10 s doubling to 300 s, forgotten after 10 min of running.
struct BackoffConfig {
  std::int64_t first_usec = 10'000'000;
  double factor = 2.0;
  std::int64_t cap_usec = 300'000'000;
  std::int64_t reset_usec = 600'000'000;
  bool operator==(const BackoffConfig&) const = default;
};

/// Memory of a container's back-off between its starts.
struct Backoff {
  std::uint32_t failures = 0;  ///< ends in a row that count
  std::int64_t last_usec = 0;  ///< the last delay given
  bool operator==(const Backoff&) const = default;
};

struct Delay {
  std::int64_t usec;  ///< from the container's end to its next start
  Backoff next;
};

/// The delay after one more end of a container that had run for `ran_usec`.
[[nodiscard]] Delay next_delay(const Backoff& backoff, const BackoffConfig& config, std::int64_t ran_usec);

}  // namespace podsd::policies
