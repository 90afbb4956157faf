// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/cgroup.hpp"

#include <cerrno>
#include <charconv>

#include "agent/os/files.hpp"

namespace podsd::engine {
namespace {

constexpr const char* cgroup_root = "/sys/fs/cgroup/";

}  // namespace

std::string slice_cgroup(const std::string& id) { return std::string(cgroup_root) + "pods.slice/" + id + ".slice"; }

bool in_unit(int pid, const std::string& unit) {
  const auto text = os::read_file("/proc/" + std::to_string(pid) + "/cgroup");
  if (!text) return false;
  // The unified hierarchy's line is "0::/path"; a process that already unshared its cgroup namespace shows the same to us.
  const std::size_t line = text->find("0::");
  if (line == std::string::npos) return false;
  const std::string path = text->substr(line, text->find('\n', line) - line);
  return path.ends_with("/" + unit);
}

std::optional<std::uint64_t> oom_kills(const std::string& cgroup) {
  const auto text = os::read_file(cgroup + "/memory.events");
  if (!text) return std::nullopt;
  const std::string key = "\noom_kill ";
  const std::size_t at = text->find(key);
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t count = 0;
  std::from_chars(text->data() + at + key.size(), text->data() + text->size(), count);
  return count;
}

Result<void> kill_cgroup(const std::string& cgroup) {
  auto done = os::write_existing(cgroup + "/cgroup.kill", "1");
  if (!done && (done.error().code == ENOENT || done.error().code == ENODEV)) return {};
  return done;
}

}  // namespace podsd::engine
