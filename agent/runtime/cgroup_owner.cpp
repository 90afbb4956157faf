// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/cgroup_owner.hpp"

#include <algorithm>

namespace podsd::runtime {
namespace {

const Namespace* find(const Config& config, std::string_view type) {
  auto found = std::ranges::find(config.namespaces, type, &Namespace::type);
  return found == config.namespaces.end() ? nullptr : &*found;
}

// As with mount(8), the last of "ro" and "rw" counts.
bool is_writable_cgroup(const Mount& mount) {
  if (mount.type != "cgroup" && mount.type != "cgroup2") return false;
  bool writable = true;
  for (const auto& option : mount.options)
    if (option == "ro" || option == "rw") writable = option == "rw";
  return writable;
}

}  // namespace

std::optional<std::uint32_t> cgroup_owner(const Config& config) {
  const Namespace *cgroup = find(config, "cgroup"), *user = find(config, "user");
  if (cgroup == nullptr || !cgroup->path.empty() || std::ranges::none_of(config.mounts, is_writable_cgroup))
    return std::nullopt;
  const std::uint32_t uid = config.process.uid;
  std::optional<std::uint32_t> owner = uid;
  if (user != nullptr) {
    owner.reset();
    for (const auto& extent : config.ids.uids)
      if (uid >= extent.inside && uid - extent.inside < extent.size)
        owner = extent.outside + (uid - extent.inside);
  }
  if (owner == 0U) owner.reset();  // root's it is
  return owner;
}

}  // namespace podsd::runtime
