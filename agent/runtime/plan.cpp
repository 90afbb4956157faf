// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/plan.hpp"

#include <linux/mount.h>
#include <sched.h>

#include <algorithm>
#include <array>

#include "agent/runtime/names.hpp"

namespace podsd::runtime {
namespace {

bool has(const Plan& plan, std::uint64_t flag) {
  return (plan.new_namespaces & flag) != 0 ||
         std::ranges::any_of(plan.joins, [&](const JoinNamespace& join) { return join.flag == flag; });
}

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

// Ids without the option are an idmapped mount of this one mount (config.md, "uidMappings").
Result<void> check_ids(const Mount& mount, const Plan& plan, MountOptions& options) {
  options.idmap = options.idmap || !mount.ids.empty();
  if (!options.idmap) return {};
  if (!options.bind) return fail("only a bind mount can be idmapped", mount.destination);
  if (mount.ids.empty() && !plan.user)
    return fail("an idmapped mount needs ids of its own or a user namespace", mount.destination);
  return {};
}

Result<void> add_mount(const Mount& mount, const std::string& mount_label, Plan& plan) {
  auto options = parse_mount_options(mount.options);
  if (!options) return fail("mount", mount.destination, options.error());
  options->bind = options->bind || mount.type == "bind";
  if (auto done = check_ids(mount, plan, *options); !done) return done;
  if (options->bind && !options->remount) {
    if (mount.source.empty()) return fail("a bind mount without a source", mount.destination);
    plan.ops.push_back(BindMount{mount.source, mount.destination, std::move(*options), mount.ids});
    return {};
  }
  if (mount.type.empty() && !options->remount) return fail("a mount without a type", mount.destination);
  // In a unified hierarchy there is one kind; in a hybrid one only that kind knows cgroup namespaces well.
  bool cgroup = mount.type == "cgroup" || mount.type == "cgroup2";
  if (cgroup && !has(plan, CLONE_NEWCGROUP) && !options->remount) {
    plan.ops.push_back(CgroupBind{mount.destination, std::move(*options)});
    return {};
  }
  std::string type = cgroup ? "cgroup2" : mount.type;
  bool real = type == "proc" || type == "sysfs";
  // Those of the kernel itself have labels of their own.
  if (!mount_label.empty() && !real && !cgroup && type != "mqueue" && !options->remount) {
    if (!options->data.empty()) options->data += ',';
    options->data += "context=\"" + mount_label + "\"";
  }
  plan.ops.push_back(FilesystemMount{type, mount.source, mount.destination, std::move(*options), real});
  return {};
}

// The devices and links that every container has (config-linux.md, "Default Devices").
void add_default_devices(Plan& plan) {
  struct Default {
    const char* path;
    std::uint32_t major, minor;
  };
  for (auto [path, major, minor] :
       {Default{"/dev/null", 1, 3}, Default{"/dev/zero", 1, 5}, Default{"/dev/full", 1, 7},
        Default{"/dev/random", 1, 8}, Default{"/dev/urandom", 1, 9}, Default{"/dev/tty", 5, 0}})
    plan.ops.push_back(CreateDevice{{path, 'c', major, minor, 0666, 0, 0}});
  for (auto [path, points_to] :
       std::initializer_list<std::pair<const char*, const char*>>{{"/dev/ptmx", "pts/ptmx"},
                                                                  {"/dev/fd", "/proc/self/fd"},
                                                                  {"/dev/stdin", "/proc/self/fd/0"},
                                                                  {"/dev/stdout", "/proc/self/fd/1"},
                                                                  {"/dev/stderr", "/proc/self/fd/2"}})
    plan.ops.push_back(CreateLink{path, points_to});
}

// A /dev bound from the host is the host's: nothing is made in it.
bool dev_is_bound(const Config& config) {
  return std::ranges::any_of(config.mounts, [](const Mount& mount) {
    bool bind = mount.type == "bind" || std::ranges::count(mount.options, "bind") ||
                std::ranges::count(mount.options, "rbind");
    return bind && (mount.destination == "/dev" || mount.destination == "/dev/");
  });
}

void add_devices(const Config& config, Plan& plan) {
  if (dev_is_bound(config)) return;
  add_default_devices(plan);
  for (const auto& device : config.devices) {
    // A device given explicitly replaces the default of that path.
    std::erase_if(plan.ops, [&](const Op& op) {
      auto* other = std::get_if<CreateDevice>(&op);
      return other != nullptr && other->device.path == device.path;
    });
    plan.ops.push_back(CreateDevice{device});
  }
}

std::string namespace_of_sysctl(const std::string& key) {
  if (key.starts_with("net.")) return "net";
  constexpr std::array ipc = {"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
                              "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"};
  if (key.starts_with("fs.mqueue.") || std::ranges::count(ipc, key)) return "ipc";
  return {};
}

// Both notations of sysctl(8): a key whose first separator is a slash keeps its dots (interface names).
std::string dotted(std::string key) {
  auto first = key.find_first_of("./");
  if (first == std::string::npos || key[first] == '.') return key;
  for (char& c : key) c = c == '/' ? '.' : c == '.' ? '/' : c;
  return key;
}

void add_terminal(const Process& process, bool console, Plan& plan) {
  if (process.terminal)
    plan.ops.push_back(OpenTerminal{process.terminal_rows, process.terminal_columns, process.uid, console});
}

Result<void> add_sysctls(const Config& config, Plan& plan) {
  for (const auto& [written, value] : config.sysctl) {
    std::string key = dotted(written);
    std::string ns = namespace_of_sysctl(key);
    // An empty component in one notation is ".." in the other.
    bool climbs = key.find("..") != std::string::npos || key.find("//") != std::string::npos;
    if (ns.empty() || climbs)
      return fail("a sysctl that does not belong to a namespace of the container", written);
    const std::uint64_t flag = ns == "net" ? CLONE_NEWNET : CLONE_NEWIPC;
    bool is_new = (plan.new_namespaces & flag) != 0;
    // In a user namespace the kernel itself keeps a container from what is the host's.
    is_new = is_new || plan.user;
    plan.ops.push_back(WriteSysctl{key, value, ns, is_new});
  }
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

}  // namespace

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
