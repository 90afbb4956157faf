// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "agent/runtime/cgroup.hpp"
#include "agent/runtime/copy_up.hpp"
#include "agent/runtime/mount_calls.hpp"
#include "agent/runtime/root_path.hpp"
#include "agent/runtime/setup.hpp"

// <sys/mount.h> and <linux/mount.h> do not go together in this C library.
extern "C" int mount(const char*, const char*, const char*, unsigned long, const void*);

namespace podsd::runtime {
namespace {

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

bool has_option(const std::string& data, std::string_view name) {
  return ("," + data).find("," + std::string(name)) != std::string::npos;
}

// A new tmpfs that begins with what its target has, attached when it is complete.
Result<void> mount_copy(const UniqueFd& target, const FilesystemMount& op) {
  auto copy = detached_filesystem(op.type, op.options.data, 0);
  if (!copy) return std::unexpected(copy.error());
  struct stat made = {};
  if (fstat(copy->get(), &made) < 0) return fail("cannot look at a mount", {}, errno);
  UniqueFd root(openat(copy->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return fail("cannot open a mount", {}, errno);
  if (auto done = copy_up(target, root); !done) return done;
  const bool user = has_option(op.options.data, "uid="), group = has_option(op.options.data, "gid=");
  if (fchown(root.get(), user ? made.st_uid : -1U, group ? made.st_gid : -1U) < 0 ||
      (has_option(op.options.data, "mode=") && fchmod(root.get(), made.st_mode & 07777) < 0))
    return fail("cannot change a mount", {}, errno);
  root.reset();
  if (auto done = restrict(*copy, op.options); !done) return done;
  return attach_mount(*copy, target);
}

// As crun and runc have it, a tmpfs without a mode of its own has that of the directory that it covers.
Result<std::string> data_of(Setup& setup, const FilesystemMount& op) {
  std::string data = op.options.data;
  if (op.type != "tmpfs" || op.options.remount || has_option(data, "mode=")) return data;
  auto existing = open_in_root(setup.root, op.target);
  if (!existing) return data;
  struct stat status = {};
  if (fstat(existing->get(), &status) < 0) return fail("cannot look at a directory", {}, errno);
  char mode[16];
  std::snprintf(mode, sizeof mode, "mode=%o", status.st_mode & 07777);
  return data + (data.empty() ? "" : ",") + mode;
}

Result<void> mount_filesystem(Setup& setup, const FilesystemMount& op) {
  auto data = data_of(setup, op);
  if (!data) return std::unexpected(data.error());
  auto target = target_of(setup, op);
  if (!target) return std::unexpected(target.error());
  if (setup.prepared) {
    if (auto done = attach_mount(setup.prepared, *target); !done) return done;
    if (op.type == "proc") setup.proc.use_for_sysctls(std::move(setup.prepared));
    return adjust(setup, op);
  }
  if (op.options.copy_up) return mount_copy(*target, op);
  unsigned long flags = op.options.flags;
  if (op.options.remount) flags |= MS_REMOUNT | (op.options.bind ? MS_BIND : 0);
  const std::string& source = op.source.empty() ? op.type : op.source;
  if (::mount(source.c_str(), path_of(*target).c_str(), op.type.c_str(), flags,
              data->empty() ? nullptr : data->c_str()) < 0)
    return fail("cannot mount", {}, errno);
  return adjust(setup, op);
}

Result<void> about(const std::string& what, const std::string& target, Result<void> done) {
  if (done) return done;
  return fail(what, target, done.error());
}

}  // namespace

Result<void> apply(Setup& setup, const CgroupBind& op) {
  return about("bind the container's cgroup on", op.target, bind_cgroup(setup, op));
}

Result<void> apply(Setup& setup, const BindMount& op) {
  return about("mount " + op.source + " on", op.target, bind(setup, op));
}

Result<void> apply(Setup& setup, const FilesystemMount& op) {
  return about("mount " + op.type + " on", op.target, mount_filesystem(setup, op));
}

}  // namespace podsd::runtime
