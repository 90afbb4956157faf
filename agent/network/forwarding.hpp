// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::network {

/// Lets packets of one family pass between the bridge and these links. What was off is switched on, and
/// `switched` says what, one sentence each: for IPv4 on the links alone (ip-sysctl.rst, conf/forwarding), for
/// IPv6 where the kernel can (force_forwarding, Linux 6.17), else for the whole host; a link that learns its
/// address or route from router advertisements goes on doing so. Nothing is ever switched off. Errors:
/// /proc/sys cannot be written.
[[nodiscard]] Result<void> switch_on_forwarding(bool v6, const std::string& bridge,
                                                const std::set<std::string>& links,
                                                std::vector<std::string>& switched);

/// Those of the links, the bridge among them, that do not forward packets of one family.
[[nodiscard]] std::set<std::string> not_forwarding(bool v6, const std::string& bridge,
                                                   const std::set<std::string>& links);

}  // namespace podsd::network
