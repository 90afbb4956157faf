// SPDX-License-Identifier: Apache-2.0
// The topics of build_plan(), which puts them into order. Each adds its operations to the plan; errors name
// the field.
#pragma once

#include "agent/runtime/plan.hpp"

namespace podsd::runtime {

/// Whether the container has a namespace of that kind (CLONE_NEW*) of its own, new or joined.
[[nodiscard]] bool has(const Plan& plan, std::uint64_t flag);

/// One entry of `mounts`; `mount_label` is SELinux's for file systems that have none of their own, or empty.
[[nodiscard]] Result<void> add_mount(const Mount& mount, const std::string& mount_label, Plan& plan);

/// The default devices and those of linux.devices.
void add_devices(const Config& config, Plan& plan);

/// linux.sysctl, as far as it belongs to namespaces.
[[nodiscard]] Result<void> add_sysctls(const Config& config, Plan& plan);

/// A terminal, where the process wants one; `console`: also as /dev/console.
void add_terminal(const Process& process, bool console, Plan& plan);

/// oom_score_adj and rlimits.
[[nodiscard]] Result<void> add_limits(const Process& process, Plan& plan);

/// The program and whom it runs as: what comes last.
void add_process(const Process& process, Plan& plan);

/// What labels of mounts and processes need of the kernel.
void add_selinux(const std::string& mount_label, const Process& process, Plan& plan);

}  // namespace podsd::runtime
