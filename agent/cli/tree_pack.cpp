// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/tree_pack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

#include "agent/image/files.hpp"

namespace podsd::cli {
namespace {

constexpr int max_depth = 256;
constexpr std::size_t buffer_bytes = 128U << 10;

struct FreeArchive {
  void operator()(archive* handle) const { archive_write_free(handle); }
};
struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

class Packer {
 public:
  explicit Packer(const Warn& warn)
      : warn_(warn), archive_(archive_write_new()), entry_(archive_entry_new()), buffer_(buffer_bytes) {}

  Result<void> open(int out) {
    archive_write_set_format_pax_restricted(archive_.get());
    archive_write_set_bytes_in_last_block(archive_.get(), 1);
    if (archive_write_open_fd(archive_.get(), out) != ARCHIVE_OK) return failed("");
    return {};
  }

  Result<void> close() {
    return archive_write_close(archive_.get()) == ARCHIVE_OK ? Result<void>() : failed("");
  }

  Result<void> add(const UniqueFd& path, const std::string& name, int depth) {
    struct stat st {};
    if (::fstat(path.get(), &st) != 0) return fail("cannot look at", name, errno);
    archive_entry_clear(entry_.get());
    archive_entry_copy_stat(entry_.get(), &st);
    archive_entry_set_nlink(entry_.get(), 1);
    archive_entry_copy_pathname(entry_.get(), name.c_str());
    if (S_ISDIR(st.st_mode)) return folder(path, name, depth);
    if (S_ISREG(st.st_mode)) return file(path, name, st.st_size);
    if (S_ISLNK(st.st_mode)) return link(path, name);
    warn_("left out, neither a file, a folder nor a link: " + name);
    return {};
  }

 private:
  Result<void> failed(const std::string& name) {
    const char* text = archive_error_string(archive_.get());
    return fail(std::string("cannot write the archive: ") + (text != nullptr ? text : "?"), name);
  }

  // ARCHIVE_WARN: a name that is not ASCII is kept as its bytes.
  Result<void> header(const std::string& name) {
    const int code = archive_write_header(archive_.get(), entry_.get());
    return code == ARCHIVE_OK || code == ARCHIVE_WARN ? Result<void>() : failed(name);
  }

  Result<void> folder(const UniqueFd& path, const std::string& name, int depth) {
    if (depth > max_depth) return fail("too many folders in each other", name);
    if (!name.empty())
      if (auto written = header(name); !written) return written;
    const UniqueFd open(::openat(path.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!open) return fail("cannot open", name, errno);
    auto names = image::names_in(open.get());
    if (!names) return std::unexpected(names.error());
    std::ranges::sort(*names);
    for (const std::string& one : *names) {
      const std::string full = name.empty() ? one : name + "/" + one;
      const UniqueFd child(::openat(open.get(), one.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      if (!child && errno == ENOENT) continue;  // gone meanwhile
      if (!child) return fail("cannot open", full, errno);
      if (auto added = add(child, full, depth + 1); !added) return added;
    }
    return {};
  }

  Result<void> link(const UniqueFd& path, const std::string& name) {
    char target[PATH_MAX];
    const ssize_t n = ::readlinkat(path.get(), "", target, sizeof target - 1);
    if (n < 0) return fail("cannot read a link", name, errno);
    target[n] = '\0';
    archive_entry_copy_symlink(entry_.get(), target);
    archive_entry_set_size(entry_.get(), 0);
    return header(name);
  }

  // The inode that was looked at, by way of its fd: its name may be another file's by now. What grows
  // meanwhile is cut at its size, what shrinks is filled up with zeros by libarchive.
  Result<void> file(const UniqueFd& path, const std::string& name, std::int64_t size) {
    const std::string self = "/proc/self/fd/" + std::to_string(path.get());
    const UniqueFd open(::open(self.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!open) return fail("cannot open", name, errno);
    if (auto written = header(name); !written) return written;
    while (size > 0) {
      const auto want = static_cast<std::size_t>(std::min<std::int64_t>(size, buffer_bytes));
      const ssize_t n = ::read(open.get(), buffer_.data(), want);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail("cannot read", name, errno);
      if (n == 0) return {};
      if (archive_write_data(archive_.get(), buffer_.data(), static_cast<std::size_t>(n)) != n)
        return failed(name);
      size -= n;
    }
    return {};
  }

  const Warn& warn_;
  std::unique_ptr<archive, FreeArchive> archive_;
  std::unique_ptr<archive_entry, FreeEntry> entry_;
  std::vector<char> buffer_;
};

}  // namespace

Result<void> pack_tree(const UniqueFd& source, const std::string& name, int out, const Warn& warn) {
  Packer packer(warn);
  if (auto opened = packer.open(out); !opened) return opened;
  if (auto added = packer.add(source, name, 0); !added) return added;
  return packer.close();
}

}  // namespace podsd::cli
