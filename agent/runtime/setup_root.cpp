// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

#include "agent/runtime/mount_calls.hpp"
#include "agent/runtime/setup.hpp"

// <sys/mount.h> and <linux/mount.h> do not go together in this C library.
extern "C" int mount(const char*, const char*, const char*, unsigned long, const void*);
extern "C" int umount2(const char*, int);

namespace podsd::runtime {
namespace {

constexpr int detach = 2;  // MNT_DETACH

}  // namespace

Result<void> apply(Setup&, const DetachPropagation& op) {
  const unsigned long propagation = op.to_private ? MS_PRIVATE : MS_SLAVE;
  if (::mount(nullptr, "/", nullptr, propagation | MS_REC, nullptr) < 0)
    return fail("cannot detach the mount tree", {}, errno);
  return {};
}

Result<void> apply(Setup&, const SetRootPropagation& op) {
  if (::mount(nullptr, "/", nullptr, op.flags, nullptr) < 0)
    return fail("cannot set the propagation of the root", {}, errno);
  return {};
}

Result<void> apply(Setup& setup, const EnterRoot& op) {
  if (setup.prepared) {
    // On top of the host's root: no path of the host need be within the reach of the container's user.
    UniqueFd host(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!host) return fail("cannot open", "/", errno);
    if (auto done = attach_mount(setup.prepared, host); !done)
      return fail("the container's root", op.path, done.error());
    setup.root = std::move(setup.prepared);
    return {};
  }
  UniqueFd root(openat(setup.bundle.get(), op.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return fail("cannot open the container's root", op.path, errno);
  struct statx status = {};
  if (statx(root.get(), "", AT_EMPTY_PATH, STATX_TYPE, &status) < 0)
    return fail("cannot look at the container's root", op.path, errno);
  if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0) {
    auto copy = clone_mount(root.get(), "", true);
    if (!copy) return std::unexpected(copy.error());
    if (auto done = attach_mount(*copy, root); !done)
      return fail("the container's root", op.path, done.error());
    root = std::move(*copy);
  }
  setup.root = std::move(root);
  return {};
}

Result<void> apply(Setup& setup, const MakeRootReadonly&) {
  auto done = change_mount(setup.root, MOUNT_ATTR_RDONLY, 0, 0, false);
  return done ? done : fail("make read-only", "/", done.error());
}

Result<void> apply(Setup& setup, const ChangeRoot& op) {
  if (fchdir(setup.root.get()) < 0) return fail("cannot enter the container's root", {}, errno);
  if (op.by_pivot) {
    // Both roots in one place (pivot_root(2), "pivot_root(".", ".")"): "." then is the old one, on top of the
    // new.
    if (syscall(SYS_pivot_root, ".", ".") < 0) return fail("cannot change the root", "pivot_root", errno);
    if (umount2(".", detach) < 0) return fail("cannot drop the host's mounts", {}, errno);
  } else {
    if (::mount(".", "/", nullptr, MS_MOVE, nullptr) < 0)
      return fail("cannot change the root", "mount", errno);
    if (chroot(".") < 0) return fail("cannot change the root", "chroot", errno);
  }
  if (chdir("/") < 0) return fail("cannot enter the container's root", {}, errno);
  return {};
}

}  // namespace podsd::runtime
