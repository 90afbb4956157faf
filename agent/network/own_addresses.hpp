// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "spec/ip.hpp"

namespace podsd::network {

/// Leaves those that an interface of this host has: a pod's gateway may be another machine.
void keep_own_addresses(std::vector<spec::IpAddress>& addresses);

}  // namespace podsd::network
