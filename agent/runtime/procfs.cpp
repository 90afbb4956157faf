// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/procfs.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <cerrno>

#include "agent/runtime/mount_calls.hpp"

namespace podsd::runtime {
namespace {

constexpr ino_t root_inode = 1;  // PROC_ROOT_INO: else it is some folder of a procfs

Result<void> write_below(const UniqueFd& proc, const std::string& path, const std::string& value) {
  open_how how = {};
  how.flags = O_WRONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  UniqueFd file(static_cast<int>(syscall(SYS_openat2, proc.get(), path.c_str(), &how, sizeof how)));
  if (!file) return fail("cannot open", "/proc/" + path, errno);
  // Parts of it may be mounts of their own (containers as hosts have /proc/sys read-only), but of procfs
  // only.
  struct statfs filesystem = {};
  if (fstatfs(file.get(), &filesystem) < 0 || filesystem.f_type != PROC_SUPER_MAGIC)
    return fail("not a file of procfs", "/proc/" + path);
  if (::write(file.get(), value.data(), value.size()) != static_cast<ssize_t>(value.size()))
    return fail("cannot write", "/proc/" + path, errno);
  return {};
}

}  // namespace

Result<Procfs> Procfs::open() {
  UniqueFd fd(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail("cannot open", "/proc", errno);
  struct statfs filesystem = {};
  struct stat status = {};
  if (fstatfs(fd.get(), &filesystem) < 0 || fstat(fd.get(), &status) < 0)
    return fail("cannot look at", "/proc", errno);
  if (filesystem.f_type != PROC_SUPER_MAGIC || status.st_ino != root_inode)
    return fail("not a procfs", "/proc");
  return Procfs(std::move(fd));
}

Result<void> Procfs::write(const std::string& path, const std::string& value) const {
  return write_below(fd_, path, value);
}

Result<void> Procfs::write_sysctl(const std::string& path, const std::string& value) const {
  if (sysctls_) return write_below(sysctls_, "sys/" + path, value);
  auto fresh = fresh_procfs();
  return write_below(fresh ? *fresh : fd_, "sys/" + path, value);
}

Result<bool> Procfs::has_own(const std::string& ns) const {
  struct stat mine = {}, host = {};
  if (fstatat(fd_.get(), ("self/ns/" + ns).c_str(), &mine, 0) < 0 ||
      fstatat(fd_.get(), ("1/ns/" + ns).c_str(), &host, 0) < 0)
    return fail("cannot compare a namespace with the host's", ns, errno);
  return mine.st_ino != host.st_ino || mine.st_dev != host.st_dev;
}

}  // namespace podsd::runtime
