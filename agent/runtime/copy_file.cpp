// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/copy_file.hpp"

#include <limits.h>
#include <sys/sendfile.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

namespace podsd::runtime {
namespace {

int copy_range(const UniqueFd& from, const UniqueFd& to, off_t begin, off_t end) {
  if (lseek(to.get(), begin, SEEK_SET) < 0) return -1;
  while (begin < end) {
    const ssize_t n = sendfile(to.get(), from.get(), &begin, static_cast<std::size_t>(end - begin));
    if (n == 0) break;
    if (n < 0 && errno != EINTR) return -1;
  }
  return 0;
}

int copy_xattr(const UniqueFd& from, const UniqueFd& to, const char* name, std::string& value) {
  value.resize(XATTR_SIZE_MAX);
  const ssize_t size = fgetxattr(from.get(), name, value.data(), value.size());
  if (size >= 0 && fsetxattr(to.get(), name, value.data(), static_cast<std::size_t>(size), 0) == 0) return 0;
  return errno == EOPNOTSUPP || errno == EPERM || errno == ENODATA ? 0 : -1;
}

int copy_xattrs(const UniqueFd& from, const UniqueFd& to) {
  if (flistxattr(from.get(), nullptr, 0) <= 0) return 0;
  std::string names(XATTR_LIST_MAX, '\0'), value;
  const ssize_t size = flistxattr(from.get(), names.data(), names.size());
  if (size < 0) return errno == EOPNOTSUPP ? 0 : -1;
  names.resize(static_cast<std::size_t>(size));
  for (std::size_t at = 0; at < names.size(); at = names.find('\0', at) + 1) {
    const char* name = names.c_str() + at;
    if (std::string_view(name) == "security.selinux") continue;
    if (copy_xattr(from, to, name, value) < 0) return -1;
  }
  return 0;
}

}  // namespace

int copy_data(const UniqueFd& from, const UniqueFd& to, off_t size) {
  for (off_t at = 0; at < size;) {
    const off_t begin = lseek(from.get(), at, SEEK_DATA);
    if (begin < 0 && errno == ENXIO) break;
    const off_t end = begin < 0 ? begin : std::min(lseek(from.get(), begin, SEEK_HOLE), size);
    if (end < 0) return -1;
    if (end <= begin) break;
    if (copy_range(from, to, begin, end) < 0) return -1;
    at = end;
  }
  return ftruncate(to.get(), size);
}

int copy_attributes(const UniqueFd& from, const struct stat& status, const UniqueFd& to) {
  if (fchown(to.get(), status.st_uid, status.st_gid) < 0) return -1;
  // After the owner, whose change takes setuid bits and capabilities of the file away.
  if (fchmod(to.get(), status.st_mode & 07777) < 0) return -1;
  return copy_xattrs(from, to);
}

int copy_times(const struct stat& status, const UniqueFd& to) {
  const timespec times[] = {status.st_atim, status.st_mtim};
  return futimens(to.get(), times);
}

}  // namespace podsd::runtime
