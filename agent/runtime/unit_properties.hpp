// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/runtime/resources.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// Limits as properties of a systemd unit, in the form that podsd-runtime-systemd takes:
/// "MemoryMax=t:1048576" (the type is D-Bus's signature; see dbus/scope/main.cpp). What the unit has as a
/// property keeps its value over a `systemctl daemon-reload`; all values are written into the cgroup too,
/// since systemd rounds some and does not know others (limits per block device, bursts, huge pages, RDMA).
/// Annotations never become properties, unlike with runc (org.systemd.property.*).
/// Errors: as cgroup_values(); a list of CPUs or memory nodes that is none.
[[nodiscard]] Result<std::vector<std::string>> unit_properties(const Resources& resources);

/// DevicePolicy= and DeviceAllow= for rules that already have the defaults.
[[nodiscard]] std::vector<std::string> device_unit_properties(const std::vector<DeviceRule>& rules);

}  // namespace podsd::runtime
