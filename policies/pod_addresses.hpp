// SPDX-License-Identifier: Apache-2.0
// Which addresses the embedded network gives to which pod.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "spec/ip.hpp"

namespace podsd::policies {

/// The bridge's address in each range, which is the pods' gateway, is the first one.
inline constexpr std::uint32_t gateway_number = 1;

/// What one pod has. Its number is its place in each range, and nobody else's, whatever range they have.
struct Lease {
  std::uint32_t number = 0;
  std::vector<spec::IpPrefix> addresses;  ///< at most one of each family; the length is that of its range
  bool operator==(const Lease&) const = default;
};

/// The address at that place of a range, with the range's length.
[[nodiscard]] spec::IpPrefix address_at(const spec::IpPrefix& range, std::uint32_t number);

/// The place of an address in its range; absent where it is beyond 32 bits.
[[nodiscard]] std::optional<std::uint32_t> place_of(const spec::IpPrefix& address);

/// The lease that comes after `last` in all ranges at once, and whose number is not taken: an address that a
/// pod has left rests as long as it can, so that nobody takes its successor for it. Absent: none is left. A
/// range's first address, its gateway and the last address of an IPv4 range are not given (RFC 4291, section
/// 2.6.1; RFC 919).
[[nodiscard]] std::optional<Lease> next_lease(std::span<const spec::IpPrefix> ranges,
                                              const std::set<std::uint32_t>& taken, std::uint32_t last);

/// The IPv4 range for a host whose podsd.yaml names none: the first of 10.87.0.0/16, 10.86.0.0/16 … that
/// has no address in common with `occupied`, the host's routes. Absent: none of them.
[[nodiscard]] std::optional<spec::IpPrefix> default_ipv4(std::span<const spec::IpPrefix> occupied);

/// The IPv6 range of a host: a unique local /64 whose 40 bits of global ID are the first of `host_id`, which
/// is random enough (RFC 4193, section 3.2.2).
[[nodiscard]] spec::IpPrefix default_ipv6(std::span<const std::uint8_t, 16> host_id);

/// The link layer address that belongs to a pod's first address: peers that know it from before the pod was
/// made again need not ask anew. Locally administered (IEEE 802, section 8.4).
[[nodiscard]] std::array<std::uint8_t, 6> mac_of(const Lease& lease);

}  // namespace podsd::policies
