// SPDX-License-Identifier: Apache-2.0
#include "agent/image/layer_tree.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "agent/image/files.hpp"

namespace podsd::image {
namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
constexpr mode_t implicit_mode = 0755;

Result<void> make_opaque(int fd) {
  if (::fsetxattr(fd, "trusted.overlay.opaque", "y", 1, 0) != 0) return fail("cannot set opaque", {}, errno);
  return {};
}

Result<void> make_whiteout(int dir, const std::string& name) {
  if (::mknodat(dir, name.c_str(), S_IFCHR, makedev(0, 0)) != 0)
    return fail("cannot make whiteout", name, errno);
  return {};
}

/// Makes and opens a folder below `dir`; opaque where it takes the place of a whiteout.
Result<UniqueFd> new_folder(int dir, const std::string& name, bool opaque) {
  if (::mkdirat(dir, name.c_str(), 0700) != 0) return fail("cannot make folder", name, errno);
  UniqueFd fd(::openat(dir, name.c_str(), folder_flags | O_CLOEXEC));
  if (!fd) return fail("cannot open folder", name, errno);
  if (opaque) {
    if (auto set = make_opaque(fd.get()); !set) return std::unexpected(set.error());
  }
  return fd;
}

}  // namespace

bool is_whiteout(const struct stat& st) {
  return S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0);
}

Result<int> LayerTree::parent(const std::string& path) {
  if (path.empty()) return root_;
  if (parent_fd_ && parent_path_ == path) return parent_fd_.get();
  auto fd = open_folder(path);
  if (!fd) return std::unexpected(fd.error());
  parent_fd_ = std::move(*fd);
  parent_path_ = path;
  return parent_fd_.get();
}

Result<UniqueFd> LayerTree::open_folder(const std::string& path) {
  UniqueFd fd = open_in_root(root_, path, O_RDONLY | O_DIRECTORY);
  if (fd) return fd;
  // ENOTDIR: perhaps a whiteout of this layer, which becomes an opaque folder.
  if (errno != ENOENT && errno != ENOTDIR) return fail("cannot open folder", path, errno);
  return make_missing(path);
}

Result<UniqueFd> LayerTree::make_missing(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  auto above = open_folder(slash == std::string::npos ? "" : path.substr(0, slash));
  if (!above) return above;
  struct stat st {};
  const bool exists = ::fstatat(above->get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && !is_whiteout(st)) return fail("not a folder, but used as one", path);
  if (exists && ::unlinkat(above->get(), name.c_str(), 0) != 0) return fail("cannot replace", path, errno);
  if (budget_.inodes-- == 0) return fail("image has more files than allowed");
  auto fd = new_folder(above->get(), name, exists);
  if (!fd) return fd;
  if (::fchmod(fd->get(), implicit_mode) != 0 || ::fstat(fd->get(), &st) != 0)
    return fail("cannot make folder", path, errno);
  implicit_[st.st_ino] = path;
  return fd;
}

Result<LayerTree::Found> LayerTree::make_room(int dir, const std::string& name, bool for_folder) {
  struct stat st {};
  if (::fstatat(dir, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno != ENOENT) return fail("cannot stat", name, errno);
    return Found::nothing;
  }
  const bool folder = S_ISDIR(st.st_mode);
  if (folder && for_folder) return Found::folder;
  if (folder) {
    if (auto removed = remove_tree(dir, name); !removed) return std::unexpected(removed.error());
  } else if (::unlinkat(dir, name.c_str(), 0) != 0) {
    return fail("cannot replace", name, errno);
  }
  // What led to the cached parent may be gone or lead elsewhere now.
  if (folder || S_ISLNK(st.st_mode)) parent_path_.clear();
  return is_whiteout(st) ? Found::whiteout : Found::nothing;
}

Result<void> LayerTree::folder(const EntryPath& path, const Attributes& attributes) {
  folder_times_.emplace_back(path.text(), attributes.times);
  if (path.name.empty()) return set_attributes(root_, attributes);
  auto dir = parent(path.parent);
  if (!dir) return std::unexpected(dir.error());
  auto found = make_room(*dir, path.name, true);
  if (!found) return std::unexpected(found.error());
  UniqueFd fd;
  if (*found == Found::folder) {
    fd.reset(::openat(*dir, path.name.c_str(), folder_flags | O_CLOEXEC));
    if (!fd) return fail("cannot open folder", path.name, errno);
    struct stat st {};
    if (::fstat(fd.get(), &st) == 0) implicit_.erase(st.st_ino);
  } else {
    auto made = new_folder(*dir, path.name, *found == Found::whiteout);
    if (!made) return std::unexpected(made.error());
    fd = std::move(*made);
  }
  return set_attributes(fd.get(), attributes);
}

Result<UniqueFd> LayerTree::file(const EntryPath& path) {
  auto dir = parent(path.parent);
  if (!dir) return std::unexpected(dir.error());
  if (auto room = make_room(*dir, path.name, false); !room) return std::unexpected(room.error());
  UniqueFd fd(::openat(*dir, path.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fail("cannot create", path.name, errno);
  return fd;
}

Result<void> LayerTree::symlink(const EntryPath& path, const std::string& target,
                                const Attributes& attributes) {
  auto dir = parent(path.parent);
  if (!dir) return std::unexpected(dir.error());
  if (auto room = make_room(*dir, path.name, false); !room) return std::unexpected(room.error());
  if (::symlinkat(target.c_str(), *dir, path.name.c_str()) != 0)
    return fail("cannot make symlink", path.name, errno);
  return set_link_attributes(*dir, path.name, attributes);
}

Result<void> LayerTree::fifo(const EntryPath& path, const Attributes& attributes) {
  auto dir = parent(path.parent);
  if (!dir) return std::unexpected(dir.error());
  if (auto room = make_room(*dir, path.name, false); !room) return std::unexpected(room.error());
  if (::mknodat(*dir, path.name.c_str(), S_IFIFO | 0600, 0) != 0)
    return fail("cannot make fifo", path.name, errno);
  if (::fchownat(*dir, path.name.c_str(), attributes.uid, attributes.gid, AT_SYMLINK_NOFOLLOW) != 0 ||
      ::fchmodat(*dir, path.name.c_str(), attributes.mode, 0) != 0)
    return fail("cannot set owner and mode", path.name, errno);
  return set_link_attributes(*dir, path.name, attributes);
}

Result<void> LayerTree::hardlink(const EntryPath& path, const EntryPath& target) {
  if (target.name.empty()) return fail("hard link to a folder", path.text());
  const UniqueFd from = open_in_root(root_, target.parent, O_RDONLY | O_DIRECTORY);
  struct stat st {};
  if (!from || ::fstatat(from.get(), target.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0 || is_whiteout(st))
    return fail("hard link to what the layer does not have", target.text());
  if (S_ISDIR(st.st_mode)) return fail("hard link to a folder", target.text());
  auto dir = parent(path.parent);
  if (!dir) return std::unexpected(dir.error());
  if (auto room = make_room(*dir, path.name, false); !room) return std::unexpected(room.error());
  if (::linkat(from.get(), target.name.c_str(), *dir, path.name.c_str(), 0) != 0)
    return fail("cannot make hard link", target.text(), errno);
  return {};
}

Result<void> LayerTree::whiteout(const EntryPath& path) {
  auto dir = parent(path.parent);
  if (!dir) return std::unexpected(dir.error());
  struct stat st {};
  if (::fstatat(*dir, path.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
    return make_whiteout(*dir, path.name);
  if (!S_ISDIR(st.st_mode)) return {};
  return opaque(path.text());
}

Result<void> LayerTree::opaque(const std::string& folder) {
  auto dir = parent(folder);
  if (!dir) return std::unexpected(dir.error());
  return make_opaque(*dir);
}

Result<void> LayerTree::set_link_attributes(int dir, const std::string& name, const Attributes& attributes) {
  if (::fchownat(dir, name.c_str(), attributes.uid, attributes.gid, AT_SYMLINK_NOFOLLOW) != 0)
    return fail("cannot set owner", name, errno);
  if (::utimensat(dir, name.c_str(), attributes.times.data(), AT_SYMLINK_NOFOLLOW) != 0)
    return fail("cannot set times", name, errno);
  return {};
}

Result<void> LayerTree::set_attributes(int fd, const Attributes& attributes) {
  // chown clears setuid bits and file capabilities, so it comes first.
  if (::fchown(fd, attributes.uid, attributes.gid) != 0) return fail("cannot set owner", {}, errno);
  if (::fchmod(fd, attributes.mode) != 0) return fail("cannot set mode", {}, errno);
  for (const auto& [name, value] : attributes.xattrs)
    if (::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) != 0)
      return fail("cannot set extended attribute", name, errno);
  if (::futimens(fd, attributes.times.data()) != 0) return fail("cannot set times", {}, errno);
  return {};
}

Result<void> LayerTree::finish() {
  for (const auto& [path, times] : folder_times_) {
    const UniqueFd fd = open_in_root(root_, path, folder_flags);
    // A later entry may have replaced the folder.
    if (!fd && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) continue;
    if (!fd) return fail("cannot open folder", path, errno);
    if (::futimens(fd.get(), times.data()) != 0) return fail("cannot set times", path, errno);
  }
  return {};
}

std::vector<std::string> LayerTree::implicit_folders() const {
  std::vector<std::string> paths;
  for (const auto& [inode, path] : implicit_) paths.push_back(path);
  return paths;
}

}  // namespace podsd::image
