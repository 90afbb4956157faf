// SPDX-License-Identifier: Apache-2.0
#include "agent/image/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace podsd::image {
namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

UniqueFd open_in_root(int root, const std::string& path, int flags) {
  struct open_how how {};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  while (true) {
    const long fd = ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how);
    // EAGAIN: something was renamed anywhere on the machine while ".." was resolved.
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return UniqueFd(static_cast<int>(fd));
  }
}

Result<UniqueFd> make_folder(int dir, const std::string& name) {
  if (::mkdirat(dir, name.c_str(), 0700) != 0 && errno != EEXIST)
    return fail("cannot make folder", name, errno);
  UniqueFd fd(::openat(dir, name.c_str(), folder_flags));
  if (!fd) return fail("cannot open folder", name, errno);
  return fd;
}

Result<std::string> read_file(int dir, const std::string& name, std::size_t cap) {
  UniqueFd fd(::openat(dir, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return fail("cannot open", name, errno);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail("cannot stat", name, errno);
  if (!S_ISREG(st.st_mode)) return fail("not a regular file", name);
  std::string text;
  const auto hint = static_cast<std::size_t>(st.st_size);
  if (hint > cap) return fail("file too large", name, EFBIG);
  text.resize(hint + 1);
  std::size_t filled = 0;
  while (true) {
    const ssize_t n = ::read(fd.get(), text.data() + filled, text.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("cannot read", name, errno);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
    if (filled > cap) return fail("file too large", name, EFBIG);
    if (filled == text.size()) text.resize(text.size() + 65536);
  }
  text.resize(filled);
  return text;
}

Result<UniqueFd> make_file(int dir, const std::string& name) {
  UniqueFd fd(::openat(dir, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fail("cannot create", name, errno);
  return fd;
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("cannot write", {}, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> write_new_file(int dir, const std::string& name, const std::string& text) {
  auto fd = make_file(dir, name);
  if (!fd) return std::unexpected(fd.error());
  if (auto written = write_all(fd->get(), text); !written) return fail("cannot write", name, written.error());
  if (::fsync(fd->get()) != 0) return fail("cannot sync", name, errno);
  return {};
}

Result<std::vector<std::string>> names_in(int dir) {
  const int fd = ::openat(dir, ".", folder_flags);
  if (fd < 0) return fail("cannot open folder", {}, errno);
  std::unique_ptr<DIR, CloseFolder> folder(::fdopendir(fd));
  if (!folder) {
    ::close(fd);
    return fail("cannot read folder", {}, errno);
  }
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) break;
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  if (errno != 0) return fail("cannot read folder", {}, errno);
  return names;
}

Result<UniqueFd> lock_file(int dir, const std::string& name, LockMode mode) {
  UniqueFd fd(::openat(dir, name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fail("cannot open", name, errno);
  while (::flock(fd.get(), mode == LockMode::shared ? LOCK_SH : LOCK_EX) != 0)
    if (errno != EINTR) return fail("cannot lock", name, errno);
  return fd;
}

std::string random_name() {
  std::uint64_t bits = 0;
  while (::getrandom(&bits, sizeof bits, 0) != sizeof bits) continue;
  std::string text;
  for (int i = 0; i < 16; ++i, bits >>= 4) text += "0123456789abcdef"[bits & 15];
  return text;
}

}  // namespace podsd::image
