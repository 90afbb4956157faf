// SPDX-License-Identifier: Apache-2.0
#include "agent/node.hpp"

#include <arpa/inet.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <charconv>
#include <sstream>

#include "agent/os/files.hpp"
#include "agent/os/unique_fd.hpp"

namespace podsd::agent {
namespace {

/// The number behind "key" in a file of "key value" lines; `otherwise` without one.
std::uint64_t field(const std::string& text, const std::string& key, int base, std::uint64_t otherwise) {
  const std::size_t at = text.find(key);
  if (at == std::string::npos) return otherwise;
  const std::size_t begin = text.find_first_not_of(" \t", at + key.size());
  std::uint64_t value = otherwise;
  if (begin != std::string::npos)
    std::from_chars(text.data() + begin, text.data() + text.size(), value, base);
  return value;
}

/// proc(5): without CAP_SYS_RESOURCE the value can be raised, but not lowered below what this process was
/// given.
int lowest_oom_score_adj() {
  const std::string status = os::read_file("/proc/self/status").value_or("");
  const std::uint64_t effective = field(status, "CapEff:", 16, 0);
  if ((effective >> CAP_SYS_RESOURCE & 1) != 0) return -1000;
  return std::atoi(os::read_file("/proc/self/oom_score_adj").value_or("0").c_str());
}

}  // namespace

Result<units::NodeFacts> look_at_node() {
  struct statfs fs {};
  if (::statfs("/sys/fs/cgroup", &fs) != 0 || fs.f_type != CGROUP2_SUPER_MAGIC)
    return fail(
        "this host has no unified cgroup hierarchy (cgroup v2) at /sys/fs/cgroup: boot with "
        "systemd.unified_cgroup_hierarchy=1");
  units::NodeFacts node;
  std::istringstream controllers(os::read_file("/sys/fs/cgroup/cgroup.controllers").value_or(""));
  for (std::string name; controllers >> name;) node.controllers.insert(name);
  const std::string memory = os::read_file("/proc/meminfo").value_or("");
  node.memory_capacity = static_cast<std::int64_t>(field(memory, "MemTotal:", 10, 1 << 22)) * 1024;
  node.memory.page_size = ::sysconf(_SC_PAGESIZE);
  node.oom_score_adj_min = lowest_oom_score_adj();
  return node;
}

std::string host_address() {
  // connect(2) on a datagram socket sends nothing; it only chooses the route. The address is TEST-NET-1 (RFC
  // 5737).
  UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  ::inet_pton(AF_INET, "192.0.2.1", &to.sin_addr);
  sockaddr_in own{};
  socklen_t size = sizeof own;
  if (!fd || ::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0)
    return "127.0.0.1";
  char text[INET_ADDRSTRLEN] = "";
  ::inet_ntop(AF_INET, &own.sin_addr, text, sizeof text);
  return text;
}

}  // namespace podsd::agent
