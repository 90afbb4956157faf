// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "agent/image/files.hpp"

namespace podsd::image {
namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// A walk that holds one fd at a time: a hostile tree may be deeper than the process has fds.
class TreeRemoval {
 public:
  explicit TreeRemoval(UniqueFd top) : here_(std::move(top)) {}

  Result<void> run() {
    if (auto listed = list(); !listed) return listed;
    while (true) {
      if (pending_.back().empty()) {
        pending_.pop_back();
        if (way_.empty()) return {};
        if (auto left = leave(); !left) return left;
        continue;
      }
      const std::string name = std::move(pending_.back().back());
      pending_.back().pop_back();
      if (auto removed = remove(name); !removed) return removed;
    }
  }

 private:
  Result<void> list() {
    auto names = names_in(here_.get());
    if (!names) return std::unexpected(names.error());
    pending_.push_back(std::move(*names));
    return {};
  }

  Result<void> remove(const std::string& name) {
    if (::unlinkat(here_.get(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
    if (errno != EISDIR) return fail("cannot remove", name, errno);
    UniqueFd below(::openat(here_.get(), name.c_str(), folder_flags));
    if (!below) return fail("cannot open", name, errno);
    here_ = std::move(below);
    way_.push_back(name);
    return list();
  }

  Result<void> leave() {
    UniqueFd above(::openat(here_.get(), "..", folder_flags));
    if (!above) return fail("cannot open", "..", errno);
    here_ = std::move(above);
    const std::string name = std::move(way_.back());
    way_.pop_back();
    if (::unlinkat(here_.get(), name.c_str(), AT_REMOVEDIR) != 0) return fail("cannot remove", name, errno);
    return {};
  }

  UniqueFd here_;
  std::vector<std::string> way_;                   ///< from the top to here_
  std::vector<std::vector<std::string>> pending_;  ///< names still to go, per level
};

}  // namespace

Result<void> remove_tree(int dir, const std::string& name) {
  UniqueFd top(::openat(dir, name.c_str(), folder_flags));
  if (!top && errno == ENOENT) return {};
  const bool folder = static_cast<bool>(top);
  if (!folder && errno != ENOTDIR && errno != ELOOP) return fail("cannot open", name, errno);
  if (folder) {
    if (auto emptied = TreeRemoval(std::move(top)).run(); !emptied) return emptied;
  }
  if (::unlinkat(dir, name.c_str(), folder ? AT_REMOVEDIR : 0) != 0 && errno != ENOENT)
    return fail("cannot remove", name, errno);
  return {};
}

}  // namespace podsd::image
