// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace podsd::engine {

/// Makes the kernel ready for processes to be moved between cgroups, without waiting for it. A move takes a
/// lock whose first writer waits for an RCU grace period, some 10 ms, while moves that follow soon are free
/// (kernel, cgroup_threadgroup_rwsem). A pod's start begins with such a move by PID 1; begun here, as soon as
/// a manifest has changed, that wait passes while the pod is prepared. It writes the agent's own pid into the
/// cgroup that it is in, which moves nothing.
void move_ahead();

}  // namespace podsd::engine
