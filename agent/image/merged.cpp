// SPDX-License-Identifier: Apache-2.0
#include "agent/image/merged.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <ranges>
#include <utility>

#include "agent/image/layer_tree.hpp"

namespace podsd::image {
namespace {

constexpr int max_symlinks = 40;
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// A folder of the merged tree: the layers that have it and are not hidden, the highest first.
struct Folder {
  std::string name;
  std::vector<int> parts;
  std::vector<UniqueFd> owned;

  void add(UniqueFd fd) {
    parts.push_back(fd.get());
    owned.push_back(std::move(fd));
  }
};

bool is_opaque(int fd) {
  char value = 0;
  return ::fgetxattr(fd, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

class Walk {
 public:
  Walk(const std::vector<UniqueFd>& roots, const std::string& path) : path_(path) {
    Folder root;
    for (const UniqueFd& fd : roots) root.parts.push_back(fd.get());
    way_.push_back(std::move(root));
    prepend(path);
  }

  Result<UniqueFd> run() {
    while (!pending_.empty()) {
      const std::string name = std::move(pending_.front());
      pending_.pop_front();
      if (name == ".." && way_.size() > 1) way_.pop_back();
      if (name == "..") continue;
      auto file = step(name);
      if (!file || *file) return file;
    }
    if (way_.back().parts.empty()) return absent();
    UniqueFd fd(::openat(way_.back().parts.front(), ".", folder_flags));
    if (!fd) return fail("cannot open", path_, errno);
    return fd;
  }

  /// Of what run() has found.
  [[nodiscard]] std::string own_path() const {
    std::string path;
    for (const Folder& folder : way_) path += (path.empty() ? "" : "/") + folder.name;
    return file_.empty() ? path : path + (path.empty() ? "" : "/") + file_;
  }

 private:
  [[nodiscard]] std::unexpected<Error> absent() const {
    return fail("no such file in the image", path_, ENOENT);
  }

  void prepend(const std::string& path) {
    std::deque<std::string> names;
    for (std::size_t begin = 0; begin < path.size();) {
      const std::size_t end = std::min(path.find('/', begin), path.size());
      std::string name = path.substr(begin, end - begin);
      if (!name.empty() && name != ".") names.push_back(std::move(name));
      begin = end + 1;
    }
    pending_.insert(pending_.begin(), names.begin(), names.end());
  }

  /// Goes one name on. Gives the file if that is the end of the way, an empty fd otherwise.
  Result<UniqueFd> step(const std::string& name) {
    Folder next;
    for (const int part : way_.back().parts) {
      struct stat st {};
      if (::fstatat(part, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) continue;
        return fail("cannot stat", path_, errno);
      }
      if (is_whiteout(st)) break;
      if (!S_ISDIR(st.st_mode) && !next.parts.empty()) break;
      if (S_ISLNK(st.st_mode)) return follow(part, name);
      if (!S_ISDIR(st.st_mode)) return open_file(part, name);
      UniqueFd fd(::openat(part, name.c_str(), folder_flags));
      if (!fd) return fail("cannot open", path_, errno);
      const bool opaque = is_opaque(fd.get());
      next.add(std::move(fd));
      if (opaque) break;
    }
    if (next.parts.empty()) return absent();
    next.name = name;
    way_.push_back(std::move(next));
    return UniqueFd();
  }

  Result<UniqueFd> follow(int dir, const std::string& name) {
    if (++symlinks_ > max_symlinks) return fail("too many symlinks", path_, ELOOP);
    std::array<char, PATH_MAX> buffer{};
    const ssize_t size = ::readlinkat(dir, name.c_str(), buffer.data(), buffer.size());
    if (size < 0) return fail("cannot read symlink", path_, errno);
    const std::string target(buffer.data(), static_cast<std::size_t>(size));
    if (target.starts_with('/')) way_.resize(1);
    prepend(target);
    return UniqueFd();
  }

  Result<UniqueFd> open_file(int dir, const std::string& name) {
    if (!pending_.empty()) return absent();
    file_ = name;
    UniqueFd fd(::openat(dir, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat st {};
    if (!fd || ::fstat(fd.get(), &st) != 0) return fail("cannot open", path_, errno);
    if (!S_ISREG(st.st_mode)) return fail("not a regular file", path_);
    return fd;
  }

  std::string path_;
  std::string file_;  ///< the name at the end of the way, unless that is a folder
  std::deque<std::string> pending_;
  std::vector<Folder> way_;
  int symlinks_ = 0;
};

}  // namespace

Result<std::vector<UniqueFd>> open_layers(const std::vector<std::filesystem::path>& lowest_first) {
  std::vector<UniqueFd> roots;
  for (const auto& layer : std::views::reverse(lowest_first)) {
    roots.emplace_back(::open(layer.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!roots.back()) return fail("cannot open layer", layer, errno);
  }
  return roots;
}

Result<UniqueFd> open_merged(const std::vector<UniqueFd>& roots, const std::string& path) {
  return Walk(roots, path).run();
}

Result<std::string> resolve_merged(const std::vector<UniqueFd>& roots, const std::string& path) {
  Walk walk(roots, path);
  if (auto found = walk.run(); !found) return std::unexpected(found.error());
  return walk.own_path();
}

}  // namespace podsd::image
