// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace podsd::spec {

/// An IPv4 or IPv6 address.
struct IpAddress {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};  ///< in network order; IPv4 has the first four

  [[nodiscard]] int bits() const { return v6 ? 128 : 32; }
  auto operator<=>(const IpAddress&) const = default;
};

/// An address and how many of its leading bits name the network: the address of an interface, or, where the
/// other bits are zero, a range.
struct IpPrefix {
  IpAddress address;
  int length = 0;

  auto operator<=>(const IpPrefix&) const = default;
};

/// Reads "192.0.2.1" or "2001:db8::1" as inet_pton(3) does.
[[nodiscard]] std::optional<IpAddress> parse_ip(const std::string& text);

/// Reads "192.0.2.0/24".
[[nodiscard]] std::optional<IpPrefix> parse_prefix(const std::string& text);

/// In the canonical form (RFC 5952).
[[nodiscard]] std::string to_string(const IpAddress& address);
[[nodiscard]] std::string to_string(const IpPrefix& prefix);

/// 0.0.0.0 or ::, which stand for every address of the family.
[[nodiscard]] bool is_unspecified(const IpAddress& address);

/// The range in which an address lies: the bits that do not name the network are zero.
[[nodiscard]] IpPrefix range_of(const IpPrefix& prefix);

/// Whether two ranges have addresses in common.
[[nodiscard]] bool overlap(const IpPrefix& one, const IpPrefix& other);

}  // namespace podsd::spec
