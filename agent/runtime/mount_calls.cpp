// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/mount_calls.hpp"

#include <fcntl.h>
#include <sys/mount.h>

#include <cerrno>

namespace podsd::runtime {
namespace {

// SELinux quotes labels, which have commas (context="a:b:c:s0:c1,c2").
std::size_t end_of_option(const std::string& data, std::size_t at) {
  bool quoted = false;
  for (; at < data.size() && (quoted || data[at] != ','); ++at) quoted ^= data[at] == '"';
  return at;
}

}  // namespace

Result<UniqueFd> clone_mount(int dir, const std::string& path, bool recursive) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
  if (path.empty()) flags |= AT_EMPTY_PATH;
  if (recursive) flags |= AT_RECURSIVE;
  UniqueFd copy(open_tree(dir, path.c_str(), flags));
  if (!copy) return fail("cannot copy a mount", path, errno);
  return copy;
}

Result<void> change_mount(const UniqueFd& mount, std::uint64_t set, std::uint64_t clear,
                          std::uint64_t propagation, bool recursive) {
  mount_attr attributes = {};
  attributes.attr_set = set;
  attributes.attr_clr = clear;
  attributes.propagation = propagation;
  unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  if (mount_setattr(mount.get(), "", flags, &attributes, sizeof attributes) < 0)
    return fail("cannot change the options of a mount", {}, errno);
  return {};
}

Result<void> attach_mount(const UniqueFd& mount, const UniqueFd& target) {
  if (move_mount(mount.get(), "", target.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
    return fail("cannot mount", {}, errno);
  return {};
}

Result<UniqueFd> empty_filesystem() {
  return detached_filesystem("tmpfs", "mode=0755",
                             MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

Result<UniqueFd> detached_filesystem(const std::string& type, const std::string& data,
                                     std::uint64_t attributes) {
  UniqueFd context(fsopen(type.c_str(), FSOPEN_CLOEXEC));
  if (!context) return fail("cannot make a file system", type, errno);
  fsconfig(context.get(), FSCONFIG_SET_STRING, "source", type.c_str(), 0);
  for (std::size_t at = 0; at < data.size();) {
    const std::size_t end = end_of_option(data, at);
    std::string option = data.substr(at, end - at);
    std::erase(option, '"');
    const auto equals = option.find('=');
    const int set = equals == std::string::npos
                        ? fsconfig(context.get(), FSCONFIG_SET_FLAG, option.c_str(), nullptr, 0)
                        : fsconfig(context.get(), FSCONFIG_SET_STRING, option.substr(0, equals).c_str(),
                                   option.c_str() + equals + 1, 0);
    if (set < 0) return fail("cannot set an option of a file system", type + ": " + option, errno);
    at = end + 1;
  }
  UniqueFd mount;
  if (fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0)
    mount.reset(fsmount(context.get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes)));
  if (!mount) return fail("cannot make a file system", type, errno);
  return mount;
}

Result<UniqueFd> fresh_procfs() {
  return detached_filesystem("proc", "", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

}  // namespace podsd::runtime
