// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/root_path.hpp"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <deque>
#include <string>
#include <vector>

namespace podsd::runtime {
namespace {

constexpr int max_links = 40;  // as the kernel's MAXSYMLINKS

int open_at(int dir, const std::string& path, std::uint64_t flags, std::uint64_t resolve) {
  struct open_how how = {};
  how.flags = flags | O_CLOEXEC;
  how.resolve = resolve;
  return static_cast<int>(syscall(SYS_openat2, dir, path.c_str(), &how, sizeof how));
}

void push_components(std::string_view path, std::deque<std::string>& todo) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    auto end = path.find('/');
    auto part = path.substr(0, end);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  }
  todo.insert(todo.begin(), parts.begin(), parts.end());
}

// A walk that makes what is missing. Each step opens one component below the last without following a link;
// links are expanded here, so that an absolute one starts at the root again. ".." goes back over what was
// opened, never above.
class Walk {
 public:
  explicit Walk(const UniqueFd& root) : root_(root.get()) {}

  Result<void> go(std::string_view path) {
    push_components(path, todo_);
    while (!todo_.empty()) {
      std::string name = std::move(todo_.front());
      todo_.pop_front();
      if (auto done = step(name); !done) return done;
    }
    return {};
  }

  Result<UniqueFd> take() {
    UniqueFd fd(open_at(here(), ".", O_PATH | O_DIRECTORY, 0));
    if (!fd) return fail("cannot open a directory of the container", {}, errno);
    return fd;
  }

 private:
  [[nodiscard]] int here() const { return path_.empty() ? root_ : path_.back().get(); }

  Result<void> step(const std::string& name) {
    if (name == "..") {
      if (!path_.empty()) path_.pop_back();
      return {};
    }
    if (mkdirat(here(), name.c_str(), 0755) < 0 && errno != EEXIST && errno != EROFS)
      return fail("cannot make a directory in the container", name, errno);
    UniqueFd next(openat(here(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!next) return fail("cannot open a directory of the container", name, errno);
    struct stat status = {};
    if (fstat(next.get(), &status) < 0)
      return fail("cannot look at a directory of the container", name, errno);
    if (S_ISLNK(status.st_mode)) return follow(next, name);
    if (!S_ISDIR(status.st_mode)) return fail("cannot open a directory of the container", name, ENOTDIR);
    path_.push_back(std::move(next));
    return {};
  }

  Result<void> follow(const UniqueFd& link, const std::string& name) {
    char text[PATH_MAX];
    ssize_t n = readlinkat(link.get(), "", text, sizeof text);
    if (n < 0) return fail("cannot read a link in the container", name, errno);
    if (++links_ > max_links) return fail("cannot open a directory of the container", name, ELOOP);
    std::string_view target(text, static_cast<std::size_t>(n));
    if (target.starts_with('/')) path_.clear();
    push_components(target, todo_);
    return {};
  }

  int root_;
  std::vector<UniqueFd> path_;
  std::deque<std::string> todo_;
  int links_ = 0;
};

}  // namespace

Result<UniqueFd> open_in_root(const UniqueFd& root, std::string_view path, bool no_symlinks) {
  std::uint64_t resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (no_symlinks ? RESOLVE_NO_SYMLINKS : 0);
  int fd;
  // EAGAIN: a rename or mount elsewhere raced with a ".." of this walk.
  do fd = open_at(root.get(), std::string(path), O_PATH, resolve);
  while (fd < 0 && (errno == EAGAIN || errno == EINTR));
  if (fd < 0) return fail("cannot open in the container", std::string(path), errno);
  return UniqueFd(fd);
}

Result<UniqueFd> make_directory_in_root(const UniqueFd& root, std::string_view path) {
  auto existing = open_in_root(root, path);
  if (existing || existing.error().code != ENOENT) return existing;
  Walk walk(root);
  if (auto done = walk.go(path); !done)
    return fail("cannot make in the container", std::string(path), done.error());
  return walk.take();
}

Result<Place> place_in_root(const UniqueFd& root, std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  auto slash = path.rfind('/');
  std::string name(slash == std::string_view::npos ? path : path.substr(slash + 1));
  if (name.empty() || name == "." || name == "..") return fail("a path without a name", std::string(path));
  auto parent = make_directory_in_root(
      root, slash == std::string_view::npos || slash == 0 ? "/" : path.substr(0, slash));
  if (!parent) return std::unexpected(parent.error());
  return Place{std::move(*parent), std::move(name)};
}

Result<UniqueFd> make_file_in_root(const UniqueFd& root, std::string_view path) {
  auto existing = open_in_root(root, path);
  if (existing || existing.error().code != ENOENT) return existing;
  auto place = place_in_root(root, path);
  if (!place) return std::unexpected(place.error());
  // A dangling link of that name is not followed: O_EXCL refuses it.
  UniqueFd file(
      openat(place->parent.get(), place->name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return fail("cannot make a file in the container", std::string(path), errno);
  UniqueFd path_fd(openat(place->parent.get(), place->name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!path_fd) return fail("cannot open in the container", std::string(path), errno);
  return path_fd;
}

}  // namespace podsd::runtime
