// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/host_devices.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>

namespace podsd::engine {
namespace {

namespace fs = std::filesystem;

bool own_of_a_container(const fs::path& path) {
  for (const char* name :
       {"/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/fd", "/dev/console", "/dev/ptmx", "/dev/.lxc"})
    if (path == name) return true;
  return false;
}

}  // namespace

std::vector<HostDevice> host_devices() {
  std::vector<HostDevice> devices;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator("/dev", error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (own_of_a_container(it->path())) {
      it.disable_recursion_pending();
      continue;
    }
    struct stat status {};
    if (::lstat(it->path().c_str(), &status) < 0) continue;
    if (!S_ISCHR(status.st_mode) && !S_ISBLK(status.st_mode)) continue;
    devices.push_back({it->path(), S_ISBLK(status.st_mode) ? 'b' : 'c', ::major(status.st_rdev),
                       ::minor(status.st_rdev), status.st_mode & 07777U, status.st_uid, status.st_gid});
  }
  return devices;
}

}  // namespace podsd::engine
