// SPDX-License-Identifier: Apache-2.0
#include "policies/pod_addresses.hpp"

#include <algorithm>

namespace podsd::policies {
namespace {

/// How many places a range has, as far as 32 bits can count; the last IPv4 address is none of them.
std::uint64_t places(const spec::IpPrefix& range) {
  const int host_bits = std::min(range.address.bits() - range.length, 31);
  return (std::uint64_t{1} << host_bits) - (range.address.v6 ? 0 : 1);
}

/// Index of the last byte of an address.
std::size_t last_byte(const spec::IpAddress& address) {
  return static_cast<std::size_t>(address.bits() / 8 - 1);
}

}  // namespace

spec::IpPrefix address_at(const spec::IpPrefix& range, std::uint32_t number) {
  spec::IpPrefix out = spec::range_of(range);
  std::size_t at = last_byte(out.address);
  for (std::uint32_t rest = number; rest != 0; rest >>= 8)
    out.address.bytes[at--] |= static_cast<std::uint8_t>(rest);
  return out;
}

std::optional<std::uint32_t> place_of(const spec::IpPrefix& address) {
  const spec::IpAddress first = spec::range_of(address).address;
  const std::size_t last = last_byte(first);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i <= last; ++i) {
    number = number << 8 | (address.address.bytes[i] ^ first.bytes[i]);
    if (number > UINT32_MAX) return std::nullopt;
  }
  return static_cast<std::uint32_t>(number);
}

std::optional<Lease> next_lease(std::span<const spec::IpPrefix> ranges, const std::set<std::uint32_t>& taken,
                                std::uint32_t last) {
  if (ranges.empty()) return std::nullopt;
  constexpr std::uint64_t first = gateway_number + 1;
  const std::uint64_t end = places(*std::ranges::min_element(ranges, {}, places));
  if (end <= first) return std::nullopt;
  std::uint64_t number = last < first - 1 || last + 1 >= end ? first : last + 1;
  for (std::uint64_t tried = first; tried < end; ++tried) {
    if (!taken.contains(static_cast<std::uint32_t>(number))) {
      Lease lease{static_cast<std::uint32_t>(number), {}};
      for (const spec::IpPrefix& range : ranges) lease.addresses.push_back(address_at(range, lease.number));
      return lease;
    }
    number = number + 1 == end ? first : number + 1;
  }
  return std::nullopt;
}

std::optional<spec::IpPrefix> default_ipv4(std::span<const spec::IpPrefix> occupied) {
  for (std::uint8_t second = 87; second >= 64; --second) {
    const spec::IpPrefix range{{false, {10, second}}, 16};
    // Everything lies within the default route.
    const auto collides = [&](const spec::IpPrefix& other) {
      return other.length > 0 && spec::overlap(range, other);
    };
    if (std::ranges::none_of(occupied, collides)) return range;
  }
  return std::nullopt;
}

spec::IpPrefix default_ipv6(std::span<const std::uint8_t, 16> host_id) {
  spec::IpPrefix range{{true, {0xFD}}, 64};
  std::copy_n(host_id.begin(), 5, range.address.bytes.begin() + 1);
  return range;
}

std::array<std::uint8_t, 6> mac_of(const Lease& lease) {
  std::array<std::uint8_t, 6> mac{0x0A, 0x70};
  const spec::IpAddress& address = lease.addresses.front().address;
  std::copy_n(address.bytes.begin() + (address.v6 ? 12 : 0), 4, mac.begin() + 2);
  return mac;
}

}  // namespace podsd::policies
