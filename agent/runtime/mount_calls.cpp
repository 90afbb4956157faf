// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/mount_calls.hpp"

#include <fcntl.h>
#include <sys/mount.h>

#include <cerrno>

namespace podsd::runtime {

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
  UniqueFd context(fsopen("tmpfs", FSOPEN_CLOEXEC));
  if (!context) return fail("cannot make a tmpfs", {}, errno);
  fsconfig(context.get(), FSCONFIG_SET_STRING, "source", "tmpfs", 0);
  fsconfig(context.get(), FSCONFIG_SET_STRING, "mode", "0755", 0);
  if (fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0)
    return fail("cannot make a tmpfs", {}, errno);
  constexpr unsigned attributes =
      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  UniqueFd mount(fsmount(context.get(), FSMOUNT_CLOEXEC, attributes));
  if (!mount) return fail("cannot make a tmpfs", {}, errno);
  return mount;
}

Result<UniqueFd> fresh_procfs() {
  UniqueFd context(fsopen("proc", FSOPEN_CLOEXEC));
  if (!context || fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0)
    return fail("cannot make a procfs", {}, errno);
  UniqueFd mount(
      fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
  if (!mount) return fail("cannot make a procfs", {}, errno);
  return mount;
}

}  // namespace podsd::runtime
