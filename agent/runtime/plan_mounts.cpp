// SPDX-License-Identifier: Apache-2.0
#include <linux/mount.h>
#include <sched.h>

#include <algorithm>
#include <utility>

#include "agent/runtime/plan_parts.hpp"

namespace podsd::runtime {
namespace {

// Ids without the option are an idmapped mount of this one mount (config.md, "uidMappings").
Result<void> check_ids(const Mount& mount, const Plan& plan, MountOptions& options) {
  options.idmap = options.idmap || !mount.ids.empty();
  if (!options.idmap) return {};
  if (!options.bind) return fail("only a bind mount can be idmapped", mount.destination);
  if (mount.ids.empty() && !plan.user)
    return fail("an idmapped mount needs ids of its own or a user namespace", mount.destination);
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

}  // namespace

Result<void> add_mount(const Mount& mount, const std::string& mount_label, Plan& plan) {
  MountOptions options = parse_mount_options(mount.options);
  options.bind = options.bind || mount.type == "bind";
  if (auto done = check_ids(mount, plan, options); !done) return done;
  if (options.copy_up && (mount.type != "tmpfs" || options.bind || options.remount))
    return fail("tmpcopyup is an option of a new tmpfs only", mount.destination);
  if (options.bind && !options.remount) {
    if (mount.source.empty()) return fail("a bind mount without a source", mount.destination);
    plan.ops.push_back(BindMount{mount.source, mount.destination, std::move(options), mount.ids});
    return {};
  }
  if (mount.type.empty() && !options.remount) return fail("a mount without a type", mount.destination);
  // In a unified hierarchy there is one kind; in a hybrid one only that kind knows cgroup namespaces well.
  bool cgroup = mount.type == "cgroup" || mount.type == "cgroup2";
  if (cgroup && !has(plan, CLONE_NEWCGROUP) && !options.remount) {
    plan.ops.push_back(CgroupBind{mount.destination, std::move(options)});
    return {};
  }
  std::string type = cgroup ? "cgroup2" : mount.type;
  bool real = type == "proc" || type == "sysfs";
  // Those of the kernel itself have labels of their own.
  if (!mount_label.empty() && !real && !cgroup && type != "mqueue" && !options.remount) {
    if (!options.data.empty()) options.data += ',';
    options.data += "context=\"" + mount_label + "\"";
  }
  plan.ops.push_back(FilesystemMount{type, mount.source, mount.destination, std::move(options), real});
  return {};
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

}  // namespace podsd::runtime
