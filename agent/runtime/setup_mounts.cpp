// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

#include "agent/runtime/cgroup.hpp"
#include "agent/runtime/mount_calls.hpp"
#include "agent/runtime/root_path.hpp"
#include "agent/runtime/setup.hpp"

// <sys/mount.h> and <linux/mount.h> do not go together in this C library.
extern "C" int mount(const char*, const char*, const char*, unsigned long, const void*);
extern "C" int umount2(const char*, int);

namespace podsd::runtime {
namespace {

constexpr int detach = 2;  // MNT_DETACH

Result<bool> is_directory(const UniqueFd& fd) {
  struct stat status = {};
  if (fstat(fd.get(), &status) < 0) return fail("cannot look at a mount", {}, errno);
  return S_ISDIR(status.st_mode);
}

// The path by which mount(2) reaches an open target: the procfs here is the host's still.
std::string path_of(const UniqueFd& fd) {
  return "/proc/self/fd/" + std::to_string(fd.get());
}

Result<void> set_propagation(const UniqueFd& mount, unsigned long propagation) {
  if (propagation == 0) return {};
  return change_mount(mount, 0, 0, propagation & ~static_cast<unsigned long>(MS_REC),
                      (propagation & MS_REC) != 0);
}

// On a detached copy, so that nobody sees the mount without its options. Options add restrictions to the
// source's own and take none away: "rw" does not open what the host has mounted read-only.
Result<void> restrict(const UniqueFd& copy, const MountOptions& options) {
  auto [set, clear] = mount_attributes(options.flags);
  if (set != 0 || clear != 0)
    if (auto done = change_mount(copy, set, clear, 0, false); !done) return done;
  if (options.recursive_set != 0 || options.recursive_clear != 0)
    if (auto done = change_mount(copy, options.recursive_set, options.recursive_clear, 0, true); !done)
      return done;
  return set_propagation(copy, options.propagation);
}

Result<void> bind(Setup& setup, const BindMount& op) {
  auto copy = setup.prepared ? Result<UniqueFd>(std::move(setup.prepared))
                             : clone_mount(setup.bundle.get(), op.source, op.options.recursive);
  if (!copy) return std::unexpected(copy.error());
  auto directory = is_directory(*copy);
  if (!directory) return std::unexpected(directory.error());
  auto target =
      *directory ? make_directory_in_root(setup.root, op.target) : make_file_in_root(setup.root, op.target);
  if (!target) return std::unexpected(target.error());
  if (auto done = restrict(*copy, op.options); !done) return done;
  return attach_mount(*copy, *target);
}

// Of a hybrid hierarchy, the unified part.
Result<void> bind_cgroup(Setup& setup, const CgroupBind& op) {
  auto own = cgroup_path_of("self");
  if (!own) return std::unexpected(own.error());
  Result<UniqueFd> copy = clone_mount(AT_FDCWD, "/sys/fs/cgroup/unified" + *own, false);
  if (!copy) copy = clone_mount(AT_FDCWD, "/sys/fs/cgroup" + *own, false);
  if (!copy) return std::unexpected(copy.error());
  auto target = make_directory_in_root(setup.root, op.target);
  if (!target) return std::unexpected(target.error());
  if (auto done = restrict(*copy, op.options); !done) return done;
  return attach_mount(*copy, *target);
}

// What mount(2) on an fd left behind is found by walking again: the fd still is what lies below the mount.
Result<void> adjust(Setup& setup, const FilesystemMount& op) {
  const MountOptions& options = op.options;
  if (options.propagation == 0 && options.recursive_set == 0 && options.recursive_clear == 0) return {};
  auto mounted = open_in_root(setup.root, op.target);
  if (!mounted) return std::unexpected(mounted.error());
  if (auto done = change_mount(*mounted, options.recursive_set, options.recursive_clear, 0, true); !done)
    return done;
  return set_propagation(*mounted, options.propagation);
}

Result<UniqueFd> target_of(Setup& setup, const FilesystemMount& op) {
  if (op.options.remount) return open_in_root(setup.root, op.target);
  auto target = make_directory_in_root(setup.root, op.target);
  // A link would put /proc somewhere else than where everything inside expects it.
  if (target && op.real_directory) return open_in_root(setup.root, op.target, true);
  return target;
}

Result<void> mount_filesystem(Setup& setup, const FilesystemMount& op) {
  auto target = target_of(setup, op);
  if (!target) return std::unexpected(target.error());
  if (setup.prepared) {
    if (auto done = attach_mount(setup.prepared, *target); !done) return done;
    if (op.type == "proc") setup.proc.use_for_sysctls(std::move(setup.prepared));
    return adjust(setup, op);
  }
  unsigned long flags = op.options.flags;
  if (op.options.remount) flags |= MS_REMOUNT | (op.options.bind ? MS_BIND : 0);
  const std::string& source = op.source.empty() ? op.type : op.source;
  const char* data = op.options.data.empty() ? nullptr : op.options.data.c_str();
  if (::mount(source.c_str(), path_of(*target).c_str(), op.type.c_str(), flags, data) < 0)
    return fail("cannot mount", {}, errno);
  return adjust(setup, op);
}

Result<void> about(const std::string& what, const std::string& target, Result<void> done) {
  if (done) return done;
  return fail(what, target, done.error());
}

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

Result<void> apply(Setup& setup, const CgroupBind& op) {
  return about("bind the container's cgroup on", op.target, bind_cgroup(setup, op));
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

Result<void> apply(Setup& setup, const BindMount& op) {
  return about("mount " + op.source + " on", op.target, bind(setup, op));
}

Result<void> apply(Setup& setup, const FilesystemMount& op) {
  return about("mount " + op.type + " on", op.target, mount_filesystem(setup, op));
}

Result<void> apply(Setup& setup, const MakeRootReadonly&) {
  return about("make read-only", "/", change_mount(setup.root, MOUNT_ATTR_RDONLY, 0, 0, false));
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
