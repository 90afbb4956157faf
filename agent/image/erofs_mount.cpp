// SPDX-License-Identifier: Apache-2.0
#include "agent/image/erofs_mount.hpp"

#include <fcntl.h>
#include <sys/mount.h>

#include <cerrno>
#include <filesystem>

#include "agent/image/loop_device.hpp"

namespace podsd::image {
namespace {

/// What the file is called now; mountinfo shows it.
Result<std::string> path_of(int file) {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), error);
  if (error) return fail("cannot read the path of an erofs image", {}, error.value());
  return path.string();
}

Result<UniqueFd> mount_of(const std::string& source) {
  const UniqueFd context(::fsopen("erofs", FSOPEN_CLOEXEC));
  if (!context) return fail("cannot use erofs", {}, errno);
  // Without "ro" the kernel opens the device for writing, which a read-only one does not allow.
  if (::fsconfig(context.get(), FSCONFIG_SET_FLAG, "ro", nullptr, 0) != 0 ||
      ::fsconfig(context.get(), FSCONFIG_SET_STRING, "source", source.c_str(), 0) != 0 ||
      ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return fail("cannot mount the erofs image", source, errno);
  constexpr unsigned attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  UniqueFd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, attributes));
  if (!mount) return fail("cannot mount the erofs image", source, errno);
  return mount;
}

}  // namespace

Result<void> check_erofs() {
  const UniqueFd context(::fsopen("erofs", FSOPEN_CLOEXEC));
  if (context) return {};
  if (errno == ENODEV) return fail("imageSnapshotter is erofs, which this kernel does not have");
  return fail("imageSnapshotter is erofs, which cannot be used here", {}, errno);
}

Result<UniqueFd> erofs_mount(int file, ErofsSource source) {
  if (source == ErofsSource::file) {
    const auto path = path_of(file);
    if (!path) return std::unexpected(path.error());
    return mount_of(*path);
  }
  // The mount is the device's user from now on.
  const auto device = attach_loop(file);
  if (!device) return std::unexpected(device.error());
  return mount_of(device->path);
}

Result<UniqueFd> erofs_mount(int file) {
  auto mount = erofs_mount(file, ErofsSource::file);
  if (!mount && mount.error().code == ENOTBLK) return erofs_mount(file, ErofsSource::loop);
  return mount;
}

}  // namespace podsd::image
