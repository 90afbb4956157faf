// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/cgroup.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace podsd::runtime {
namespace {

constexpr std::size_t max_file_bytes = 1U << 20;
// What statistics are read from, beside what limits need.
constexpr std::string_view usual_controllers[] = {"cpu", "io", "memory", "pids"};

UniqueFd open_root() {
  // Hybrid hosts have the unified hierarchy beside the old ones.
  for (const char* path : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    UniqueFd root(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct statfs status = {};
    if (root && fstatfs(root.get(), &status) == 0 && status.f_type == CGROUP2_SUPER_MAGIC) return root;
  }
  return {};
}

Result<std::string> read_at(const UniqueFd& folder, const std::string& file) {
  UniqueFd fd(openat(folder.get(), file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return fail("cannot open", file, errno);
  std::string text;
  char buffer[4096];
  for (;;) {
    ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("cannot read", file, errno);
    if (n == 0 || text.size() > max_file_bytes) return text;
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

Result<void> write_at(const UniqueFd& folder, const std::string& file, std::string_view text) {
  UniqueFd fd(openat(folder.get(), file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return fail("cannot open", file, errno);
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.empty() && ::write(fd.get(), line.data(), line.size()) < 0)
      return fail("cannot write \"" + std::string(line) + "\" into", file, errno);
  }
  return {};
}

bool has_word(std::string_view text, std::string_view word) {
  while (!text.empty()) {
    auto end = std::min(text.find_first_of(" \n"), text.size());
    if (text.substr(0, end) == word) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

// Lets controllers into the children. Where processes or real-time policies are in the way, that shows when a
// limit's file is missing.
void let_into_children(const UniqueFd& folder, std::span<const std::string_view> controllers) {
  auto there = read_at(folder, "cgroup.controllers"), enabled = read_at(folder, "cgroup.subtree_control");
  if (!there || !enabled) return;
  for (auto controller : controllers)
    if (has_word(*there, controller) && !has_word(*enabled, controller))
      static_cast<void>(write_at(folder, "cgroup.subtree_control", "+" + std::string(controller)));
}

}  // namespace

Result<Cgroup> Cgroup::open(const std::string& path) {
  UniqueFd root = open_root();
  if (!root) return fail("this host has no unified cgroup hierarchy");
  std::string below = "." + path;
  UniqueFd folder(openat(root.get(), below.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder) return fail("cannot open the cgroup", path, errno);
  return Cgroup(path, std::move(folder));
}

Result<Cgroup> Cgroup::make(const std::string& path, std::span<const std::string_view> needed) {
  Cgroup cgroup(path, open_root());
  if (!cgroup.folder_) return fail("this host has no unified cgroup hierarchy");
  std::vector<std::string_view> wanted(std::begin(usual_controllers), std::end(usual_controllers));
  wanted.insert(wanted.end(), needed.begin(), needed.end());
  for (std::size_t end = 0; end != std::string::npos && end < path.size();) {
    auto begin = end + 1;
    end = path.find('/', begin);
    std::string name = path.substr(begin, end - begin);
    let_into_children(cgroup.folder_, wanted);
    if (mkdirat(cgroup.folder_.get(), name.c_str(), 0755) == 0) {
      cgroup.made_.push_back(path.substr(0, end));
    } else if (errno != EEXIST) {
      auto error = fail("cannot make the cgroup", path.substr(0, end), errno);
      cgroup.unmake();
      return error;
    }
    cgroup.folder_.reset(
        openat(cgroup.folder_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!cgroup.folder_) return fail("cannot open the cgroup", path.substr(0, end), errno);
  }
  auto events = cgroup.read("cgroup.events");
  if (events && events->find("populated 1") != std::string::npos)
    return fail("a container's cgroup must be empty, and this one has processes", path);
  // Also for one above: the container would stop in its first instruction.
  if (events && events->find("frozen 1") != std::string::npos) {
    cgroup.unmake();
    return fail("a container's cgroup must not be frozen", path);
  }
  return cgroup;
}

void Cgroup::let_in(std::span<const std::string_view> needed) const {
  auto there = read("cgroup.controllers");
  if (!there || std::ranges::all_of(needed, [&](auto one) { return has_word(*there, one); })) return;
  for (std::size_t end = 0; end != std::string::npos; end = path_.find('/', end + 1))
    if (auto above = Cgroup::open(path_.substr(0, end))) let_into_children(above->folder(), needed);
}

Result<std::string> Cgroup::read(const std::string& file) const {
  return read_at(folder_, file);
}

Result<void> Cgroup::write(const std::string& file, std::string_view text) const {
  return write_at(folder_, file, text);
}

Result<void> Cgroup::give_to(std::uint32_t uid) const {
  auto listed =
      read_at(UniqueFd(::open("/sys/kernel/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), "delegate");
  const std::string files = listed ? *listed : "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n";
  constexpr auto same_group = static_cast<gid_t>(-1);
  if (fchown(folder_.get(), uid, same_group) < 0) return fail("cannot give away the cgroup", path_, errno);
  for (std::string_view rest = files; !rest.empty();) {
    std::string file(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(file.size() + 1, rest.size()));
    if (fchownat(folder_.get(), file.c_str(), uid, same_group, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
      return fail("cannot give away the cgroup's " + file, path_, errno);
  }
  return {};
}

void Cgroup::unmake() const {
  UniqueFd root = open_root();
  for (auto path = made_.rbegin(); path != made_.rend(); ++path) {
    if (*path == path_) static_cast<void>(remove());
    unlinkat(root.get(), path->c_str() + 1, AT_REMOVEDIR);
  }
}

Result<std::string> cgroup_path_of(const std::string& process) {
  UniqueFd proc(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  auto text = read_at(proc, process + "/cgroup");
  if (!text) return fail("cannot tell the cgroup of", process, text.error());
  auto at = text->starts_with("0::") ? 0 : text->find("\n0::");
  if (at == std::string::npos) return std::string();
  at = text->find('/', at);
  return text->substr(at, text->find('\n', at) - at);
}

}  // namespace podsd::runtime
