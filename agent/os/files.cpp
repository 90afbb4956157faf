// SPDX-License-Identifier: Apache-2.0
#include "agent/os/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "agent/os/unique_fd.hpp"

namespace podsd::os {
namespace {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail("cannot open", path, errno);
  std::string text;
  char buffer[16384];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("cannot read", path, errno);
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > limit) return fail("cannot read", path, EFBIG);
  }
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view text, bool durable,
                          unsigned mode) {
  const std::string temporary = path.string() + ".new";
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return fail("cannot create", temporary, errno);
  if (!write_all(fd.get(), text)) return fail("cannot write", temporary, errno);
  if (durable && ::fsync(fd.get()) != 0) return fail("cannot sync", temporary, errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return fail("cannot rename to", path, errno);
  if (!durable) return {};
  UniqueFd folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return fail("cannot sync", path.parent_path(), errno);
  return {};
}

Result<void> write_existing(const std::filesystem::path& path, std::string_view text) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return fail("cannot open", path, errno);
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail("cannot write", path, errno);
  return {};
}

Result<void> make_dirs(const std::filesystem::path& path, unsigned mode) {
  if (::mkdir(path.c_str(), mode) == 0) {
    // mkdir(2) takes the umask away; a volume's mode is to be exact.
    if (::chmod(path.c_str(), mode) != 0) return fail("cannot set the mode of", path, errno);
    return {};
  }
  if (errno == EEXIST) return {};
  if (errno != ENOENT || !path.has_parent_path()) return fail("cannot make the folder", path, errno);
  if (auto parent = make_dirs(path.parent_path(), 0755); !parent) return parent;
  return make_dirs(path, mode);
}

Result<void> remove_tree(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return fail("cannot remove", path, error.value());
  return {};
}

}  // namespace podsd::os
