// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/plan.hpp"

#include <linux/mount.h>
#include <sched.h>

#include <algorithm>

#include "agent/runtime/names.hpp"
#include "agent/runtime/plan_parts.hpp"

namespace podsd::runtime {
namespace {

Result<void> add_namespaces(const Config& config, Plan& plan) {
  for (const auto& ns : config.namespaces) {
    auto flag = namespace_flag(ns.type);
    if (!flag) return fail("unknown namespace type", ns.type);
    bool user = *flag == CLONE_NEWUSER;
    if (user ? plan.user.has_value() : has(plan, *flag)) return fail("a namespace is listed twice", ns.type);
    if (!ns.path.empty() && ns.path.front() != '/')
      return fail("a namespace's path must be absolute", ns.path);
    if (user)
      plan.user = UserNamespace{ns.path, config.ids};
    else if (ns.path.empty())
      plan.new_namespaces |= *flag;
    else
      plan.joins.push_back({*flag, ns.path});
  }
  if ((plan.new_namespaces & CLONE_NEWNS) == 0)
    return fail("a container without a mount namespace of its own is not supported");
  if (plan.user && plan.user->path.empty() && config.ids.empty())
    return fail("a new user namespace needs linux.uidMappings and linux.gidMappings");
  if (!plan.user && !config.ids.empty())
    return fail("linux.uidMappings and linux.gidMappings need a user namespace");
  return {};
}

Result<void> add_time_offsets(const Config& config, Plan& plan) {
  if (config.time_offsets.empty()) return {};
  if ((plan.new_namespaces & CLONE_NEWTIME) == 0) return fail("linux.timeOffsets need a new time namespace");
  for (const auto& [clock, seconds, nanoseconds] : config.time_offsets)
    plan.time_offsets += clock + " " + std::to_string(seconds) + " " + std::to_string(nanoseconds) + "\n";
  return {};
}

// Before the sysctls, some of which are a device's.
Result<void> add_net_devices(const Config& config, Plan& plan) {
  if (config.net_devices.empty()) return {};
  if (!has(plan, CLONE_NEWNET))
    return fail("linux.netDevices need a network namespace of the container's own");
  plan.net_devices = config.net_devices;
  plan.ops.push_back(AwaitRuntime{.for_devices = true});
  return {};
}

Result<void> add_names(const Config& config, Plan& plan) {
  if (config.hostname.empty() && config.domainname.empty()) return {};
  if (!has(plan, CLONE_NEWUTS))
    return fail("a hostname or domainname needs a uts namespace of the container's own");
  if (!config.hostname.empty()) plan.ops.push_back(SetHostname{config.hostname});
  if (!config.domainname.empty()) plan.ops.push_back(SetDomainname{config.domainname});
  return {};
}

}  // namespace

bool has(const Plan& plan, std::uint64_t flag) {
  return (plan.new_namespaces & flag) != 0 ||
         std::ranges::any_of(plan.joins, [&](const JoinNamespace& join) { return join.flag == flag; });
}

Result<Plan> build_plan(const Config& config, const PlanOptions& options) {
  Plan plan;
  if (auto done = add_namespaces(config, plan); !done) return std::unexpected(done.error());
  if (auto done = add_time_offsets(config, plan); !done) return std::unexpected(done.error());
  add_selinux(config.mount_label, config.process, plan);
  if (config.memory_policy) plan.ops.push_back(SetMemoryPolicy{*config.memory_policy});
  const unsigned long propagation = propagation_flags(config.root_propagation);
  plan.ops.push_back(DetachPropagation{(propagation & (MS_PRIVATE | MS_UNBINDABLE)) != 0});
  plan.ops.push_back(EnterRoot{config.root});
  for (const auto& mount : config.mounts)
    if (auto done = add_mount(mount, config.mount_label, plan); !done) return std::unexpected(done.error());
  add_devices(config, plan);
  add_terminal(config.process, true, plan);
  if (auto done = add_net_devices(config, plan); !done) return std::unexpected(done.error());
  if (auto done = add_sysctls(config, plan); !done) return std::unexpected(done.error());
  plan.ops.push_back(CreateDirectory{config.process.cwd});
  for (const auto& path : config.readonly_paths) plan.ops.push_back(ReadonlyPath{path});
  for (const auto& path : config.masked_paths) plan.ops.push_back(MaskPath{path});
  if (config.root_readonly) plan.ops.push_back(MakeRootReadonly{});
  if (auto done = add_names(config, plan); !done) return std::unexpected(done.error());
  if (auto done = add_limits(config.process, plan); !done) return std::unexpected(done.error());
  if (config.hooks.before_program()) plan.ops.push_back(AwaitRuntime{});
  if (!config.hooks.create_container.empty()) plan.ops.push_back(RunHooks{config.hooks.create_container});
  plan.start_hooks = config.hooks.start_container;
  plan.ops.push_back(ChangeRoot{!options.no_pivot});
  // A slave already is one; the root cannot be shared or unbindable while it is being set up.
  if ((propagation & (MS_SHARED | MS_UNBINDABLE)) != 0) plan.ops.push_back(SetRootPropagation{propagation});
  add_process(config.process, plan);
  return plan;
}

}  // namespace podsd::runtime
