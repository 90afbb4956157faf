// SPDX-License-Identifier: Apache-2.0
// Devices, links, masked and read-only paths.
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "agent/runtime/mount_calls.hpp"
#include "agent/runtime/root_path.hpp"
#include "agent/runtime/setup.hpp"

namespace podsd::runtime {
namespace {

mode_t type_of(const Device& device) {
  return device.type == 'c' ? S_IFCHR : device.type == 'b' ? S_IFBLK : S_IFIFO;
}

dev_t number_of(const Device& device) {
  return device.type == 'p' ? 0 : makedev(device.major, device.minor);
}

bool is_device(const struct stat& status, const Device& device) {
  return (status.st_mode & S_IFMT) == type_of(device) && status.st_rdev == number_of(device);
}

// Where mknod(2) is not permitted, the host's device of the same path is shown, if it is that device.
Result<void> bind_device(Setup& setup, const Device& device) {
  auto copy = clone_mount(AT_FDCWD, device.path, false);
  if (!copy) return std::unexpected(copy.error());
  struct stat status = {};
  if (fstat(copy->get(), &status) < 0 || !is_device(status, device))
    return fail("not that device on the host", device.path);
  auto target = make_file_in_root(setup.root, device.path);
  if (!target) return std::unexpected(target.error());
  return attach_mount(*copy, *target);
}

Result<void> create_device(Setup& setup, const Device& device) {
  if (setup.prepared) {
    auto target = make_file_in_root(setup.root, device.path);
    if (!target) return std::unexpected(target.error());
    return attach_mount(setup.prepared, *target);
  }
  auto place = place_in_root(setup.root, device.path);
  if (!place) return std::unexpected(place.error());
  int dir = place->parent.get();
  const char* name = place->name.c_str();
  if (mknodat(dir, name, type_of(device) | device.mode, number_of(device)) == 0) {
    if ((device.uid != 0 || device.gid != 0) &&
        fchownat(dir, name, device.uid, device.gid, AT_SYMLINK_NOFOLLOW) < 0)
      return fail("cannot change the owner", {}, errno);
    return {};
  }
  if (errno == EPERM) return bind_device(setup, device);
  if (errno != EEXIST) return fail("cannot make a device", {}, errno);
  struct stat status = {};
  if (fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return fail("cannot look at a device", {}, errno);
  if (!is_device(status, device)) return fail("something else is there already");
  return {};
}

// /dev/null, which must be what it claims to be before anything is hidden behind it.
Result<UniqueFd> null_device() {
  auto copy = clone_mount(AT_FDCWD, "/dev/null", false);
  if (!copy) return copy;
  struct stat status = {};
  if (fstat(copy->get(), &status) < 0) return fail("cannot look at", "/dev/null", errno);
  if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3))
    return fail("not the null device", "/dev/null");
  return copy;
}

Result<void> mask_directory(Setup& setup, const UniqueFd& target) {
  if (setup.empty_directory) {
    auto copy = clone_mount(setup.empty_directory.get(), "", false);
    if (!copy) return std::unexpected(copy.error());
    return attach_mount(*copy, target);
  }
  // The first is attached itself: only an attached mount can be copied (kernels before 6.15).
  auto empty = empty_filesystem();
  if (!empty) return std::unexpected(empty.error());
  if (auto done = attach_mount(*empty, target); !done) return done;
  setup.empty_directory = std::move(*empty);
  return {};
}

Result<void> mask(Setup& setup, const UniqueFd& target) {
  struct stat status = {};
  if (fstat(target.get(), &status) < 0) return fail("cannot look at it", {}, errno);
  if (S_ISDIR(status.st_mode)) return mask_directory(setup, target);
  auto null = null_device();
  if (!null) return std::unexpected(null.error());
  return attach_mount(*null, target);
}

Result<void> freeze(const UniqueFd& target) {
  auto copy = clone_mount(target.get(), "", true);
  if (!copy) return std::unexpected(copy.error());
  if (auto done = change_mount(*copy, MOUNT_ATTR_RDONLY, 0, 0, true); !done) return done;
  return attach_mount(*copy, target);
}

bool is_missing(const Error& error) {
  return error.code == ENOENT || error.code == ENOTDIR;
}

}  // namespace

Result<void> apply(Setup& setup, const CreateDevice& op) {
  auto done = create_device(setup, op.device);
  if (!done) return fail("device", op.device.path, done.error());
  return {};
}

Result<void> apply(Setup& setup, const CreateLink& op) {
  auto place = place_in_root(setup.root, op.path);
  if (!place) return std::unexpected(place.error());
  if (symlinkat(op.points_to.c_str(), place->parent.get(), place->name.c_str()) < 0 && errno != EEXIST)
    return fail("cannot make a link", op.path, errno);
  return {};
}

Result<void> apply(Setup& setup, const CreateDirectory& op) {
  auto made = make_directory_in_root(setup.root, op.path);
  if (!made) return std::unexpected(made.error());
  return {};
}

Result<void> apply(Setup& setup, const MaskPath& op) {
  auto target = open_in_root(setup.root, op.path);
  if (!target && is_missing(target.error())) return {};
  if (!target) return std::unexpected(target.error());
  if (auto done = mask(setup, *target); !done) return fail("cannot mask", op.path, done.error());
  return {};
}

Result<void> apply(Setup& setup, const ReadonlyPath& op) {
  auto target = open_in_root(setup.root, op.path);
  if (!target && is_missing(target.error())) return {};
  if (!target) return std::unexpected(target.error());
  if (auto done = freeze(*target); !done) return fail("cannot make read-only", op.path, done.error());
  return {};
}

}  // namespace podsd::runtime
