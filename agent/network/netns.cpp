// SPDX-License-Identifier: Apache-2.0
#include "agent/network/netns.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "agent/os/files.hpp"

namespace podsd::network {
namespace {

constexpr const char* pins = "/run/netns";

/// As ip-netns(8) does: a mount of its own, and shared, so that a pin's removal reaches those who have copied
/// the mount tree meanwhile and would keep the namespace alive.
Result<void> share_pins() {
  if (auto made = os::make_dirs(pins, 0755); !made) return made;
  if (::mount("", pins, "none", MS_SHARED | MS_REC, nullptr) == 0) return {};
  if (errno != EINVAL || ::mount(pins, pins, "none", MS_BIND | MS_REC, nullptr) != 0 ||
      ::mount("", pins, "none", MS_SHARED | MS_REC, nullptr) != 0)
    return fail("cannot share", pins, errno);
  return {};
}

}  // namespace

std::string netns_path(const std::string& id) {
  return std::string(pins) + "/" + id;
}

Result<void> pin_netns(const std::string& id, const UniqueFd& netns) {
  if (auto shared = share_pins(); !shared) return shared;
  if (auto gone = unpin_netns(id); !gone) return gone;
  const std::string path = netns_path(id);
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  if (!file) return fail("cannot create", path, errno);
  const std::string source = "/proc/self/fd/" + std::to_string(netns.get());
  if (::mount(source.c_str(), path.c_str(), "none", MS_BIND, nullptr) != 0)
    return fail("cannot pin a network namespace at", path, errno);
  return {};
}

Result<void> unpin_netns(const std::string& id) {
  const std::string path = netns_path(id);
  if (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0 && errno != ENOENT && errno != EINVAL)
    return fail("cannot unmount", path, errno);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail("cannot remove", path, errno);
  return {};
}

Result<void> unpin_all_except(const std::set<std::string>& ids) {
  Result<void> first;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(pins, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("pods-") || ids.contains(name)) continue;
    if (auto gone = unpin_netns(name); !gone && first) first = gone;
  }
  return first;
}

Result<UniqueFd> open_netns(int pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail("cannot open", path, errno);
  return fd;
}

Result<InNetns> InNetns::enter(const UniqueFd& netns) {
  UniqueFd before(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!before) return fail("cannot open", "/proc/thread-self/ns/net", errno);
  if (::setns(netns.get(), CLONE_NEWNET) != 0) return fail("cannot enter the pod's network", "", errno);
  return InNetns(std::move(before));
}

InNetns::~InNetns() {
  // A thread that cannot come back would change the pod where it means the host.
  if (before_ && ::setns(before_.get(), CLONE_NEWNET) != 0) std::abort();
}

}  // namespace podsd::network
