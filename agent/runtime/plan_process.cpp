// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "agent/runtime/names.hpp"
#include "agent/runtime/plan_parts.hpp"

namespace podsd::runtime {
namespace {

// What cannot be granted is left out and told of (config.md, "Linux Process"): names that the kernel does not
// know, and what capset(2) and prctl(2) would refuse with a bare EPERM.
void add_capabilities(const Capabilities& names, BecomeUser& user, Plan& plan) {
  for (auto [list, set] :
       {std::pair{&names.bounding, &user.bounding}, std::pair{&names.effective, &user.effective},
        std::pair{&names.permitted, &user.permitted}, std::pair{&names.inheritable, &user.inheritable},
        std::pair{&names.ambient, &user.ambient}})
    for (const auto& name : *list) {
      if (auto number = capability_number(name))
        *set |= std::uint64_t{1} << *number;
      else if (!std::ranges::count(plan.ungranted, name))
        plan.ungranted.push_back(name);
    }
  const std::uint64_t effective = user.effective & ~user.permitted;
  const std::uint64_t ambient = user.ambient & ~(user.permitted & user.inheritable);
  for (const auto& name : capability_names(effective)) plan.ungranted.push_back(name + " (effective)");
  for (const auto& name : capability_names(ambient)) plan.ungranted.push_back(name + " (ambient)");
  user.effective &= ~effective;
  user.ambient &= ~ambient;
}

// Before the user changes, since most of it takes privileges.
void add_scheduling(const Process& process, Plan& plan) {
  if (process.personality) plan.ops.push_back(SetPersonality{*process.personality});
  if (process.scheduler) plan.early.push_back(SetScheduler{*process.scheduler});
  if (process.io_priority) plan.early.push_back(SetIoPriority{*process.io_priority});
  if (!process.apparmor.empty() || !process.selinux.empty())
    plan.ops.push_back(SetLabels{process.apparmor, process.selinux});
}

}  // namespace

void add_terminal(const Process& process, bool console, Plan& plan) {
  if (process.terminal)
    plan.ops.push_back(OpenTerminal{process.terminal_rows, process.terminal_columns, process.uid, console});
}

Result<void> add_limits(const Process& process, Plan& plan) {
  if (process.oom_score_adj) plan.early.push_back(SetOomScore{*process.oom_score_adj});
  std::vector<std::string> seen;
  for (const auto& limit : process.rlimits) {
    auto resource = rlimit_number(limit.type);
    if (!resource) return fail("unknown rlimit", limit.type);
    if (std::ranges::count(seen, limit.type) != 0) return fail("an rlimit is listed twice", limit.type);
    if (limit.soft > limit.hard) return fail("the soft limit is above the hard one", limit.type);
    seen.push_back(limit.type);
    plan.early.push_back(RaiseRlimit{*resource, limit.type, limit.hard});
    plan.ops.push_back(SetRlimit{*resource, limit.type, limit.soft, limit.hard});
  }
  return {};
}

void add_process(const Process& process, Plan& plan) {
  BecomeUser user;
  user.cwd = process.cwd;
  user.uid = process.uid;
  user.gid = process.gid;
  user.groups = process.additional_gids;
  user.umask = process.umask;
  user.no_new_privileges = process.no_new_privileges;
  add_capabilities(process.capabilities, user, plan);
  add_scheduling(process, plan);
  plan.ops.push_back(std::move(user));
  plan.args = process.args;
  plan.env = process.env;
  plan.uid = process.uid;
  plan.no_new_privileges = process.no_new_privileges;
}

// Labels of mounts and processes are of no use without the module.
void add_selinux(const std::string& mount_label, const Process& process, Plan& plan) {
  if (!mount_label.empty() || !process.selinux.empty())
    plan.ops.push_back(RequireSelinux{process.selinux.empty() ? mount_label : process.selinux});
}

Result<Plan> build_process_plan(const Process& process) {
  Plan plan;
  if (!process.final_cpus.empty()) plan.ops.push_back(SetAffinity{process.final_cpus});
  add_selinux({}, process, plan);
  add_terminal(process, false, plan);
  if (auto done = add_limits(process, plan); !done) return std::unexpected(done.error());
  add_process(process, plan);
  return plan;
}

std::vector<std::string> limit_capabilities(Plan& plan, std::uint64_t held) {
  std::uint64_t lost = 0;
  for (Op& op : plan.ops) {
    auto* user = std::get_if<BecomeUser>(&op);
    if (user == nullptr) continue;
    for (auto* set :
         {&user->bounding, &user->effective, &user->permitted, &user->inheritable, &user->ambient}) {
      lost |= *set & ~held;
      *set &= held;
    }
  }
  return capability_names(lost);
}

}  // namespace podsd::runtime
