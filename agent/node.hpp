// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "units/plan.hpp"

namespace podsd::agent {

/// Looks at the machine once: memory, page size, cgroup controllers, what oom_score_adj may be.
/// Errors: /sys/fs/cgroup is not the unified hierarchy (cgroup v2).
[[nodiscard]] Result<units::NodeFacts> look_at_node();

/// The host's address that leads outside (source of the default route), else the loopback's: core/v1
/// PodStatus.hostIP.
[[nodiscard]] std::string host_address();

}  // namespace podsd::agent
