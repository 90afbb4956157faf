// SPDX-License-Identifier: Apache-2.0
#include "spec/ip.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace podsd::spec {

std::optional<IpAddress> parse_ip(const std::string& text) {
  IpAddress address;
  address.v6 = text.find(':') != std::string::npos;
  if (::inet_pton(address.v6 ? AF_INET6 : AF_INET, text.c_str(), address.bytes.data()) != 1)
    return std::nullopt;
  return address;
}

std::optional<IpPrefix> parse_prefix(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpPrefix prefix{*address, -1};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, prefix.length);
  if (error != std::errc() || stop != end || prefix.length < 0 || prefix.length > address->bits())
    return std::nullopt;
  return prefix;
}

std::string to_string(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
  return text;
}

std::string to_string(const IpPrefix& prefix) {
  return to_string(prefix.address) + "/" + std::to_string(prefix.length);
}

bool is_unspecified(const IpAddress& address) {
  return address == IpAddress{address.v6, {}};
}

IpPrefix range_of(const IpPrefix& prefix) {
  IpPrefix range = prefix;
  for (int bit = range.length; bit < range.address.bits(); ++bit)
    range.address.bytes[static_cast<std::size_t>(bit / 8)] &= static_cast<std::uint8_t>(~(0x80 >> bit % 8));
  return range;
}

bool overlap(const IpPrefix& one, const IpPrefix& other) {
  if (one.address.v6 != other.address.v6) return false;
  const int length = std::min(one.length, other.length);
  return range_of({one.address, length}) == range_of({other.address, length});
}

}  // namespace podsd::spec
