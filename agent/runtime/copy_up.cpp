// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/copy_up.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/runtime/copy_file.hpp"

namespace podsd::runtime {
namespace {

constexpr std::size_t max_levels = 256;  // each holds two descriptors: together fewer than the usual 1,024

using Directory = std::unique_ptr<DIR, decltype([](DIR* dir) { closedir(dir); })>;

// One entry of a directory, which may have become something else since it was looked at: a link, a fifo whose
// open would wait, a mount.
UniqueFd open_entry(int dir, const char* name, std::uint64_t flags) {
  struct open_how how = {};
  how.flags = flags | O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS;
  return UniqueFd(static_cast<int>(syscall(SYS_openat2, dir, name, &how, sizeof how)));
}

class TreeCopy {
 public:
  TreeCopy(const UniqueFd& top, bool devices) : top_(top), devices_(devices) {}

  Result<void> content(UniqueFd from, const UniqueFd& to) {
    if (++level_ > max_levels) return fail("a tree of more than 256 levels");
    Directory entries(fdopendir(from.get()));
    if (!entries) return fail("cannot read a directory", path_, errno);
    static_cast<void>(from.release());
    for (errno = 0; dirent* entry = readdir(entries.get()); errno = 0) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      const std::size_t length = path_.size();
      path_.append(path_.empty() ? "" : "/").append(name);
      if (auto done = copy(dirfd(entries.get()), to, entry->d_name); !done) return done;
      path_.resize(length);
    }
    if (errno != 0) return fail("cannot read a directory", path_, errno);
    --level_;
    return {};
  }

 private:
  Result<void> copy(int from, const UniqueFd& to, const char* name) {
    struct stat status = {};
    if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
      return errno == ENOENT ? Result<void>{} : failed();
    if (S_ISDIR(status.st_mode)) return directory(from, to, name);
    if (status.st_nlink > 1) {
      auto [first, is_new] = links_.try_emplace({status.st_dev, status.st_ino}, path_);
      if (!is_new && linkat(top_.get(), first->second.c_str(), to.get(), name, 0) == 0) return {};
    }
    if (S_ISREG(status.st_mode)) return file(from, to, name);
    if (S_ISLNK(status.st_mode)) return link(from, to, name, status);
    return S_ISSOCK(status.st_mode) ? Result<void>{} : special(to, name, status);
  }

  Result<void> directory(int from, const UniqueFd& to, const char* name) {
    UniqueFd source = open_entry(from, name, O_DIRECTORY);
    if (!source) return errno == EXDEV ? Result<void>{} : failed();
    struct stat status = {};
    if (fstat(source.get(), &status) < 0 || mkdirat(to.get(), name, 0700) < 0) return failed();
    UniqueFd copy(openat(to.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!copy) return failed();
    // Before the directory stream takes the descriptor, and the times when nothing more is made in it.
    if (copy_attributes(source, status, copy) < 0) return failed();
    if (auto done = content(std::move(source), copy); !done) return done;
    return copy_times(status, copy) < 0 ? failed() : Result<void>{};
  }

  Result<void> file(int from, const UniqueFd& to, const char* name) {
    UniqueFd source = open_entry(from, name, 0);
    if (!source) return errno == EXDEV ? Result<void>{} : failed();
    struct stat status = {};
    if (fstat(source.get(), &status) < 0) return failed();
    if (!S_ISREG(status.st_mode)) return fail("a file that changes while it is copied", path_);
    UniqueFd copy(openat(to.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!copy || copy_data(source, copy, status.st_size) < 0) return failed();
    if (copy_attributes(source, status, copy) < 0 || copy_times(status, copy) < 0) return failed();
    return {};
  }

  Result<void> link(int from, const UniqueFd& to, const char* name, const struct stat& status) {
    std::string target(PATH_MAX, '\0');
    const ssize_t n = readlinkat(from, name, target.data(), target.size());
    if (n < 0) return failed();
    target.resize(static_cast<std::size_t>(n));
    if (symlinkat(target.c_str(), to.get(), name) < 0) return failed();
    return named_attributes(to, name, status);
  }

  Result<void> special(const UniqueFd& to, const char* name, const struct stat& status) {
    if (!S_ISFIFO(status.st_mode) && !devices_) return {};
    if (mknodat(to.get(), name, status.st_mode, status.st_rdev) < 0)
      return errno == EPERM ? Result<void>{} : failed();
    return named_attributes(to, name, status);
  }

  // Of what is not opened.
  Result<void> named_attributes(const UniqueFd& to, const char* name, const struct stat& status) {
    if (fchownat(to.get(), name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) < 0) return failed();
    if (!S_ISLNK(status.st_mode) && fchmodat(to.get(), name, status.st_mode & 07777, 0) < 0) return failed();
    const timespec times[] = {status.st_atim, status.st_mtim};
    return utimensat(to.get(), name, times, AT_SYMLINK_NOFOLLOW) < 0 ? failed() : Result<void>{};
  }

  Result<void> failed() const { return fail("cannot copy", path_, errno); }

  const UniqueFd& top_;
  bool devices_;
  std::size_t level_ = 0;
  std::string path_;                                      // from the top on
  std::map<std::pair<dev_t, ino_t>, std::string> links_;  // where the copy of a file with several names is
};

}  // namespace

Result<void> copy_up(const UniqueFd& from, const UniqueFd& to) {
  UniqueFd source = open_entry(from.get(), ".", O_DIRECTORY);
  struct stat status = {};
  struct statvfs mount = {};
  if (!source || fstat(source.get(), &status) < 0 || fstatvfs(source.get(), &mount) < 0)
    return fail("cannot open what is to be copied", {}, errno);
  if (copy_attributes(source, status, to) < 0) return fail("cannot copy the attributes", {}, errno);
  if (auto done = TreeCopy(to, (mount.f_flag & ST_NODEV) == 0).content(std::move(source), to); !done)
    return done;
  if (copy_times(status, to) < 0) return fail("cannot copy the times", {}, errno);
  return {};
}

}  // namespace podsd::runtime
