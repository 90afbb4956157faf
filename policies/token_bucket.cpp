// SPDX-License-Identifier: Apache-2.0
#include "policies/token_bucket.hpp"

#include <algorithm>

namespace podsd::policies {

TokenBucket token_bucket(std::int64_t bits, std::uint32_t mtu) {
  constexpr std::uint64_t most = std::uint64_t{1} << 30;
  const std::uint64_t packet = mtu + 18;  // with Ethernet's header and a VLAN's tag
  const std::uint64_t rate = static_cast<std::uint64_t>(bits) / 8;
  const std::uint64_t burst = std::clamp(rate / 50, 4 * packet, most);
  const std::uint64_t waiting = std::clamp(rate / 10, 16 * packet, most);
  return {rate, static_cast<std::uint32_t>(burst), static_cast<std::uint32_t>(burst + waiting)};
}

}  // namespace podsd::policies
