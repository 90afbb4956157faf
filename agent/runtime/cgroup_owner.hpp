// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "agent/runtime/config.hpp"

namespace podsd::runtime {

/// The user of the host to whom a container's cgroup is given, so that the container can make cgroups of its
/// own below (config-linux.md, "Cgroup ownership"): the one that stands for process.user.uid, where the
/// container has a cgroup namespace of its own and a cgroup mount that it may write. None: root keeps it;
/// also where the user namespace is another's, since its map is not told.
[[nodiscard]] std::optional<std::uint32_t> cgroup_owner(const Config& config);

}  // namespace podsd::runtime
