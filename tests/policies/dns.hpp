// SPDX-License-Identifier: Apache-2.0
// DNS messages for tests.
#pragma once

#include <string>

#include "policies/dns_message.hpp"

namespace podsd::policies::dns {

/// A question as resolvers ask it: recursion desired, id 7.
inline Bytes question(const std::string& name, std::uint16_t type) {
  Bytes out{0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    out.push_back(static_cast<std::uint8_t>(end - at));
    for (; at < end; ++at) out.push_back(static_cast<std::uint8_t>(name[at]));
    ++at;
  }
  for (const int byte : {0, type >> 8, type & 0xFF, 0, 1}) out.push_back(static_cast<std::uint8_t>(byte));
  return out;
}

}  // namespace podsd::policies::dns
