// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/cgroup.hpp"

#include <cerrno>
#include <charconv>

#include "agent/os/files.hpp"

namespace podsd::engine {
namespace {

constexpr const char* cgroup_root = "/sys/fs/cgroup/";

/// A process's path in the unified hierarchy ("/" for the root), from its line "0::/path" of
/// /proc/PID/cgroup; "/" for a dead one.
std::string cgroup_of(const std::string& pid) {
  const auto text = os::read_file("/proc/" + pid + "/cgroup");
  const std::size_t line = text ? text->find("0::") : std::string::npos;
  if (line == std::string::npos) return "/";
  return text->substr(line + 3, text->find('\n', line) - line - 3);
}

}  // namespace

std::string slice_cgroup(const std::string& id) {
  return std::string(cgroup_root) + "pods.slice/" + id + ".slice";
}

std::string cgroup_path(const std::string& cgroup) {
  return cgroup.substr(std::string_view(cgroup_root).size() - 1);
}

Result<void> move_to_cgroup(int pid, const std::string& cgroup) {
  return os::write_existing(cgroup + "/cgroup.procs", std::to_string(pid));
}

std::string own_cgroup() {
  return cgroup_root + cgroup_of("self").substr(1);
}

bool in_unit(int pid, const std::string& unit) {
  return cgroup_of(std::to_string(pid)).ends_with("/" + unit);
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
