// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/tree_unpack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <memory>

#include "agent/image/entry_path.hpp"

namespace podsd::cli {
namespace {

struct FreeArchive {
  void operator()(archive* handle) const { archive_read_free(handle); }
};

UniqueFd open_below(int folder, const std::string& path, int flags) {
  open_how how = {};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const char* name = path.empty() ? "." : path.c_str();
  return UniqueFd(static_cast<int>(::syscall(SYS_openat2, folder, name, &how, sizeof how)));
}

class Unpacker {
 public:
  Unpacker(int target, const Owner& owner, const Warn& warn)
      : target_(target), owner_(owner), warn_(warn), archive_(archive_read_new()) {}

  Result<void> run(int in) {
    archive_read_support_format_tar(archive_.get());
    archive_read_support_format_empty(archive_.get());
    if (archive_read_open_fd(archive_.get(), in, 128U << 10) != ARCHIVE_OK) return failed();
    for (;;) {
      archive_entry* entry = nullptr;
      const int code = archive_read_next_header(archive_.get(), &entry);
      if (code == ARCHIVE_EOF) return {};
      if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return failed();
      const char* name = archive_entry_pathname(entry);
      if (name == nullptr) return fail("an entry without a name");
      const std::string text = name;
      if (auto added = add(entry, text); !added)
        return fail("cannot unpack", text.substr(0, 200), added.error());
    }
  }

 private:
  Result<void> failed() {
    const char* text = archive_error_string(archive_.get());
    return fail(std::string("cannot read the archive: ") + (text != nullptr ? text : "?"));
  }

  Result<void> add(archive_entry* entry, const std::string& text) {
    auto path = image::parse_entry_path(text);
    if (!path) return std::unexpected(path.error());
    const auto kind = archive_entry_filetype(entry);
    const char* hard = archive_entry_hardlink(entry);
    if (path->name.empty()) return {};  // the target itself
    if (hard == nullptr && kind != AE_IFREG && kind != AE_IFDIR && kind != AE_IFLNK) {
      warn_("left out, neither a file, a folder nor a link: " + text);
      return {};
    }
    auto parent = folder(path->parent);
    if (!parent) return std::unexpected(parent.error());
    if (hard != nullptr) return hardlink(parent->get(), path->name, hard);
    if (kind == AE_IFDIR) return make_folder(parent->get(), path->name, entry);
    if (kind == AE_IFLNK) return symlink(parent->get(), path->name, entry);
    return file(parent->get(), path->name, entry);
  }

  // Made where it is missing, as the archive says nothing of it.
  Result<UniqueFd> folder(const std::string& path) {
    UniqueFd fd = open_below(target_, path, O_RDONLY | O_DIRECTORY);
    if (fd || errno != ENOENT || path.empty())
      return fd ? Result<UniqueFd>(std::move(fd)) : fail("cannot open the folder", path, errno);
    const auto slash = path.rfind('/');
    auto parent = folder(slash == std::string::npos ? "" : path.substr(0, slash));
    if (!parent) return parent;
    const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
    if (::mkdirat(parent->get(), name.c_str(), 0755) != 0 && errno != EEXIST)
      return fail("cannot make the folder", path, errno);
    fd = open_below(parent->get(), name, O_RDONLY | O_DIRECTORY);
    if (!fd) return fail("cannot open the folder", path, errno);
    if (::fchown(fd.get(), owner_.uid, owner_.gid) != 0)
      return fail("cannot give the folder away", path, errno);
    return fd;
  }

  Result<void> make_folder(int parent, const std::string& name, archive_entry* entry) {
    if (::mkdirat(parent, name.c_str(), 0700) != 0) {
      if (errno != EEXIST) return fail("cannot make the folder", {}, errno);
      const UniqueFd there = open_below(parent, name, O_PATH | O_DIRECTORY);
      return there ? Result<void>() : fail("not a folder", {}, errno);
    }
    const UniqueFd fd = open_below(parent, name, O_RDONLY | O_DIRECTORY);
    if (!fd) return fail("cannot open the folder", {}, errno);
    return set_attributes(fd.get(), entry);
  }

  // The highest id and the special bits are not for an archive to give.
  Result<void> set_attributes(int fd, archive_entry* entry) {
    const std::array<timespec, 2> times{
        timespec{0, UTIME_NOW}, timespec{archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)}};
    if (::fchown(fd, owner_.uid, owner_.gid) != 0) return fail("cannot set the owner", {}, errno);
    if (::fchmod(fd, archive_entry_perm(entry) & 0777) != 0) return fail("cannot set the mode", {}, errno);
    if (archive_entry_mtime_is_set(entry) != 0 && ::futimens(fd, times.data()) != 0)
      return fail("cannot set the time", {}, errno);
    return {};
  }

  // EBUSY: something is mounted there.
  static Result<bool> make_room(int parent, const std::string& name) {
    if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return true;
    if (errno == EBUSY) return false;
    return fail(errno == EISDIR ? "a folder is in its place" : "cannot replace it", {}, errno);
  }

  Result<void> hardlink(int parent, const std::string& name, const char* text) {
    auto to = image::parse_entry_path(text);
    if (!to) return std::unexpected(to.error());
    const UniqueFd from = open_below(target_, to->parent, O_PATH | O_DIRECTORY);
    if (!from) return fail("a hard link to what is not there", text, errno);
    if (auto room = make_room(parent, name); !room) return std::unexpected(room.error());
    if (::linkat(from.get(), to->name.c_str(), parent, name.c_str(), 0) != 0)
      return fail("cannot make a hard link", text, errno);
    return {};
  }

  Result<void> symlink(int parent, const std::string& name, archive_entry* entry) {
    const char* target = archive_entry_symlink(entry);
    if (target == nullptr || *target == '\0') return fail("a link without a target");
    if (auto room = make_room(parent, name); !room) return std::unexpected(room.error());
    if (::symlinkat(target, parent, name.c_str()) != 0) return fail("cannot make the link", {}, errno);
    if (::fchownat(parent, name.c_str(), owner_.uid, owner_.gid, AT_SYMLINK_NOFOLLOW) != 0)
      return fail("cannot give the link away", {}, errno);
    return {};
  }

  // A mount point that is a regular file, the one that was looked at.
  static UniqueFd open_mounted(int parent, const std::string& name) {
    const UniqueFd path = open_below(parent, name, O_PATH | O_NOFOLLOW);
    struct stat st {};
    if (!path || ::fstat(path.get(), &st) != 0 || !S_ISREG(st.st_mode)) return UniqueFd();
    const std::string self = "/proc/self/fd/" + std::to_string(path.get());
    return UniqueFd(::open(self.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  }

  Result<void> file(int parent, const std::string& name, archive_entry* entry) {
    auto room = make_room(parent, name);
    if (!room) return std::unexpected(room.error());
    const UniqueFd fd = *room ? UniqueFd(::openat(parent, name.c_str(),
                                                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600))
                              : open_mounted(parent, name);
    if (!fd) return fail("cannot make the file", {}, errno);
    const int code = archive_read_data_into_fd(archive_.get(), fd.get());
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN && code != ARCHIVE_EOF) return failed();
    return *room ? set_attributes(fd.get(), entry) : Result<void>();
  }

  int target_;
  const Owner& owner_;
  const Warn& warn_;
  std::unique_ptr<archive, FreeArchive> archive_;
};

}  // namespace

Result<void> unpack_tree(int in, const UniqueFd& target, const Owner& owner, const Warn& warn) {
  return Unpacker(target.get(), owner, warn).run(in);
}

}  // namespace podsd::cli
