// SPDX-License-Identifier: Apache-2.0
// Which devices a container may open and make (config-linux.md, "Allowed Device list"): rules of which, for
// each kind of access, the last that fits decides; without one it is denied.
#pragma once

#include <linux/bpf.h>

#include <string>
#include <utility>
#include <vector>

#include "agent/runtime/resources.hpp"

namespace podsd::runtime {

/// The configuration's rules, followed by those of the devices that every container has: making any device
/// file, which opens nothing; null, zero, full, random, urandom, tty, console, ptmx and pseudoterminals.
[[nodiscard]] std::vector<DeviceRule> with_default_devices(std::vector<DeviceRule> rules);

/// A program of type BPF_PROG_TYPE_CGROUP_DEVICE that decides by the rules.
[[nodiscard]] std::vector<bpf_insn> device_program(const std::vector<DeviceRule>& rules);

/// What systemd's properties can say of the rules: DevicePolicy=, and DeviceAllow= as (specifier, access).
/// They only know what is allowed: an exception from a wider rule is left to device_program(), which works
/// beside them.
struct DeviceProperties {
  bool closed = true;
  std::vector<std::pair<std::string, std::string>> allow;
};
[[nodiscard]] DeviceProperties device_properties(const std::vector<DeviceRule>& rules);

}  // namespace podsd::runtime
