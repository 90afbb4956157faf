// SPDX-License-Identifier: Apache-2.0
#include "agent/network/own_addresses.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>
#include <set>

namespace podsd::network {

void keep_own_addresses(std::vector<spec::IpAddress>& addresses) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return addresses.clear();
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owned(list, ::freeifaddrs);
  std::set<spec::IpAddress> own;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    spec::IpAddress address;
    address.v6 = one->ifa_addr->sa_family == AF_INET6;
    if (address.v6)
      std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr, 16);
    else if (one->ifa_addr->sa_family == AF_INET)
      std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, 4);
    else
      continue;
    own.insert(address);
  }
  std::erase_if(addresses, [&](const spec::IpAddress& address) { return !own.contains(address); });
}

}  // namespace podsd::network
