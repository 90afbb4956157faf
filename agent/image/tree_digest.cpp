// SPDX-License-Identifier: Apache-2.0
#include "agent/image/tree_digest.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <map>
#include <vector>

#include "agent/image/digest.hpp"
#include "agent/image/files.hpp"

namespace podsd::image {
namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr std::size_t most_xattrs = 65536;  ///< xattr(7): what the kernel gives at most

bool counts(std::string_view name) {
  return name == "security.capability" || name.starts_with("user.") || name.starts_with("trusted.overlay.");
}

class TreeHash {
 public:
  Result<std::string> run(int root) {
    here_.reset(::openat(root, ".", folder_flags));
    struct stat st {};
    if (!here_ || ::fstat(here_.get(), &st) != 0) return fail("cannot open layer", {}, errno);
    add_stat(st);
    if (auto added = add_xattrs(here_.get()); !added) return std::unexpected(added.error());
    if (auto walked = walk(); !walked) return std::unexpected(walked.error());
    return hash_.hex();
  }

 private:
  Result<void> walk() {
    if (auto listed = list(); !listed) return listed;
    while (!pending_.empty()) {
      if (pending_.back().empty()) {
        pending_.pop_back();
        number(end_of_folder);
        if (pending_.empty()) break;
        here_.reset(::openat(here_.get(), "..", folder_flags));
        if (!here_) return fail("cannot open", "..", errno);
        continue;
      }
      const std::string name = std::move(pending_.back().back());
      pending_.back().pop_back();
      if (auto added = add(name); !added) return fail("cannot read", name, added.error());
    }
    return {};
  }

  Result<void> list() {
    auto names = names_in(here_.get());
    if (!names) return std::unexpected(names.error());
    std::ranges::sort(*names, std::greater());
    pending_.push_back(std::move(*names));
    return {};
  }

  Result<void> add(const std::string& name) {
    struct stat st {};
    if (::fstatat(here_.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return fail("stat", {}, errno);
    text(name);
    if (!S_ISDIR(st.st_mode) && st.st_nlink > 1) {
      const auto [known, first] = links_.try_emplace(st.st_ino, links_.size() + 1);
      number(known->second);
      if (!first) return {};
    }
    add_stat(st);
    if (S_ISLNK(st.st_mode)) return add_target(name);
    if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) return {};
    UniqueFd fd(
        ::openat(here_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd) return fail("open", {}, errno);
    if (auto added = add_xattrs(fd.get()); !added) return added;
    if (S_ISREG(st.st_mode)) return add_contents(fd.get());
    here_ = std::move(fd);
    return list();
  }

  void add_stat(const struct stat& st) {
    for (const std::uint64_t value :
         {std::uint64_t{st.st_mode}, std::uint64_t{st.st_uid}, std::uint64_t{st.st_gid},
          static_cast<std::uint64_t>(st.st_mtim.tv_sec), static_cast<std::uint64_t>(st.st_mtim.tv_nsec),
          std::uint64_t{S_ISREG(st.st_mode) ? static_cast<std::uint64_t>(st.st_size) : 0},
          std::uint64_t{S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) ? st.st_rdev : 0}})
      number(value);
  }

  Result<void> add_target(const std::string& name) {
    std::array<char, PATH_MAX> buffer{};
    const ssize_t size = ::readlinkat(here_.get(), name.c_str(), buffer.data(), buffer.size());
    if (size < 0) return fail("readlink", {}, errno);
    text({buffer.data(), static_cast<std::size_t>(size)});
    return {};
  }

  Result<void> add_contents(int fd) {
    while (true) {
      const ssize_t n = ::read(fd, buffer_.data(), buffer_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail("read", {}, errno);
      if (n == 0) return {};
      hash_.update(buffer_.data(), static_cast<std::size_t>(n));
    }
  }

  Result<void> add_xattrs(int fd) {
    const ssize_t size = ::flistxattr(fd, buffer_.data(), most_xattrs);
    if (size < 0 && errno != ENOTSUP) return fail("listxattr", {}, errno);
    std::vector<std::string> names;
    for (ssize_t at = 0; at < size; at += static_cast<ssize_t>(names.back().size()) + 1)
      names.emplace_back(&buffer_[static_cast<std::size_t>(at)]);
    std::erase_if(names, [](const std::string& name) { return !counts(name); });
    std::ranges::sort(names);
    number(names.size());
    for (const std::string& name : names) {
      const ssize_t length = ::fgetxattr(fd, name.c_str(), buffer_.data(), most_xattrs);
      if (length < 0) return fail("getxattr", name, errno);
      text(name);
      text({buffer_.data(), static_cast<std::size_t>(length)});
    }
    return {};
  }

  void text(std::string_view value) {
    number(value.size());
    hash_.update(value.data(), value.size());
  }

  /// Eight bytes, the lowest first.
  void number(std::uint64_t value) {
    std::array<unsigned char, 8> bytes{};
    for (unsigned char& byte : bytes) {
      byte = static_cast<unsigned char>(value & 0xFF);
      value >>= 8;
    }
    hash_.update(bytes.data(), bytes.size());
  }

  static constexpr std::uint64_t end_of_folder = UINT64_MAX;  ///< no name is as long

  UniqueFd here_;
  Sha256 hash_;
  std::vector<std::vector<std::string>> pending_;  ///< names still to come, per level, the next one last
  std::map<ino_t, std::size_t> links_;
  std::vector<char> buffer_ = std::vector<char>(1U << 18);
};

}  // namespace

Result<std::string> tree_digest(int root) {
  return TreeHash().run(root);
}

}  // namespace podsd::image
