// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/bpf.h>

#include <vector>

#include "agent/runtime/cgroup.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// Loads a program of device_program() and attaches it to a cgroup, beside those that are there (systemd's):
/// all must allow. It goes with the cgroup. Errors: the kernel refuses it (bpf(2)); EPERM without CAP_BPF.
[[nodiscard]] Result<void> attach_device_program(const Cgroup& cgroup, const std::vector<bpf_insn>& program);

}  // namespace podsd::runtime
