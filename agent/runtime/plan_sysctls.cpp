// SPDX-License-Identifier: Apache-2.0
#include <sched.h>

#include <algorithm>
#include <array>

#include "agent/runtime/plan_parts.hpp"

namespace podsd::runtime {
namespace {

std::string namespace_of_sysctl(const std::string& key) {
  if (key.starts_with("net.")) return "net";
  constexpr std::array ipc = {"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
                              "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"};
  if (key.starts_with("fs.mqueue.") || std::ranges::count(ipc, key)) return "ipc";
  return {};
}

// Both notations of sysctl(8): a key whose first separator is a slash keeps its dots (interface names).
std::string dotted(std::string key) {
  auto first = key.find_first_of("./");
  if (first == std::string::npos || key[first] == '.') return key;
  for (char& c : key) c = c == '/' ? '.' : c == '.' ? '/' : c;
  return key;
}

}  // namespace

Result<void> add_sysctls(const Config& config, Plan& plan) {
  for (const auto& [written, value] : config.sysctl) {
    std::string key = dotted(written);
    std::string ns = namespace_of_sysctl(key);
    // An empty component in one notation is ".." in the other.
    bool climbs = key.find("..") != std::string::npos || key.find("//") != std::string::npos;
    if (ns.empty() || climbs)
      return fail("a sysctl that does not belong to a namespace of the container", written);
    const std::uint64_t flag = ns == "net" ? CLONE_NEWNET : CLONE_NEWIPC;
    bool is_new = (plan.new_namespaces & flag) != 0;
    // In a user namespace the kernel itself keeps a container from what is the host's.
    is_new = is_new || plan.user;
    plan.ops.push_back(WriteSysctl{key, value, ns, is_new});
  }
  return {};
}

}  // namespace podsd::runtime
