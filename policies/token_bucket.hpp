// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace podsd::policies {

/// What tc-tbf(8) is told, in bytes.
struct TokenBucket {
  std::uint64_t rate = 0;  ///< per second
  std::uint32_t burst =
      0;  ///< that may pass at once: what the rate gives in 20 ms, and a few packets at least
  std::uint32_t limit = 0;  ///< that may wait: what the rate gives in 100 ms over the burst, and 16 packets
  bool operator==(const TokenBucket&) const = default;
};

/// For a rate in bits per second, 1k to 1P, over a link with that MTU.
[[nodiscard]] TokenBucket token_bucket(std::int64_t bits, std::uint32_t mtu);

}  // namespace podsd::policies
