// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/runtime/plan.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// Moves the plan's network devices from this process's network namespace into that of the container whose
/// init `pid` is, under their new names, with their permanent addresses of global scope, and takes them up
/// (config-linux.md, "Network Devices"). They are not taken back: that is the kernel's business when the
/// namespace goes. Errors: a device is not there; its name is taken inside.
[[nodiscard]] Result<void> move_net_devices(const Plan& plan, int pid);

}  // namespace podsd::runtime
