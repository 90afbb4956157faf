// SPDX-License-Identifier: Apache-2.0
// Personality, scheduling, memory policy.
#include <sched.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cerrno>

#include "agent/runtime/setup.hpp"

namespace podsd::runtime {
namespace {

// <linux/sched/types.h> clashes with this C library's <sched.h>.
struct Attributes {
  std::uint32_t size, policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime, deadline, period;
};

constexpr int this_process = 1;  // IOPRIO_WHO_PROCESS

}  // namespace

Result<void> set_affinity(const std::vector<unsigned long>& cpus) {
  if (cpus.empty()) return {};
  if (syscall(SYS_sched_setaffinity, 0, cpus.size() * sizeof cpus[0], cpus.data()) < 0)
    return fail("cannot set the cpu affinity", {}, errno);
  return {};
}

Result<void> apply(Setup&, const SetPersonality& op) {
  if (personality(op.persona) < 0) return fail("cannot set the personality", {}, errno);
  return {};
}

Result<void> apply(Setup&, const SetScheduler& op) {
  const Scheduler& wanted = op.scheduler;
  Attributes attributes = {sizeof attributes, wanted.policy,  wanted.flags,    wanted.nice,
                           wanted.priority,   wanted.runtime, wanted.deadline, wanted.period};
  // sched_setattr(2) takes the nice value of SCHED_OTHER and SCHED_BATCH only; SCHED_IDLE has one, too.
  if (wanted.policy == SCHED_IDLE && setpriority(PRIO_PROCESS, 0, wanted.nice) < 0)
    return fail("cannot set the nice value", {}, errno);
  if (syscall(SYS_sched_setattr, 0, &attributes, 0) < 0) return fail("cannot set the scheduler", {}, errno);
  return {};
}

Result<void> apply(Setup&, const SetIoPriority& op) {
  if (syscall(SYS_ioprio_set, this_process, 0, op.priority) < 0)
    return fail("cannot set the io priority", {}, errno);
  return {};
}

Result<void> apply(Setup&, const SetMemoryPolicy& op) {
  const auto& nodes = op.policy.nodes;
  // The kernel takes one bit less than it is told.
  const unsigned long bits = nodes.empty() ? 0 : nodes.size() * 8 * sizeof nodes[0] + 1;
  if (syscall(SYS_set_mempolicy, op.policy.mode, nodes.empty() ? nullptr : nodes.data(), bits) < 0)
    return fail("cannot set the memory policy", {}, errno);
  return {};
}

Result<void> apply(Setup&, const SetAffinity& op) {
  return set_affinity(op.cpus);
}

}  // namespace podsd::runtime
