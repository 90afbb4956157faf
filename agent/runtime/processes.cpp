// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/processes.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "agent/runtime/own_cgroup.hpp"

namespace podsd::runtime {
namespace {

// The number of a process's pid namespace; 0 for one that is gone.
ino_t pid_namespace(const std::string& process) {
  struct stat status = {};
  return stat(("/proc/" + process + "/ns/pid").c_str(), &status) == 0 ? status.st_ino : 0;
}

Result<std::vector<int>> in_namespace_of(int init) {
  ino_t its = pid_namespace(std::to_string(init));
  if (its == 0) return fail("container not running", {}, ESRCH);
  if (its == pid_namespace("self"))
    return fail("the container has neither a cgroup nor a pid namespace of its own");
  std::vector<int> processes;
  std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), closedir);
  while (const dirent* entry = proc != nullptr ? readdir(proc.get()) : nullptr)
    if (entry->d_name[0] > '0' && entry->d_name[0] <= '9' && pid_namespace(entry->d_name) == its)
      processes.push_back(std::atoi(entry->d_name));
  return processes;
}

// Whether a process, held by a pidfd, still belongs to the container: its number may be another's by now.
bool belongs(const State& state, int pid, ino_t ns) {
  if (state.cgroup.empty()) return pid_namespace(std::to_string(pid)) == ns;
  auto path = cgroup_path_of(std::to_string(pid));
  return path && (*path + "/").starts_with(state.cgroup + "/");
}

}  // namespace

Result<std::vector<int>> processes_of(const State& state) {
  if (state.cgroup.empty()) return in_namespace_of(state.pid);
  auto cgroup = own_cgroup(state);
  if (!cgroup && cgroup.error().code == ENOENT) return std::vector<int>();
  if (!cgroup) return std::unexpected(cgroup.error());
  return cgroup->processes();
}

Result<void> signal_all(const State& state, int signal) {
  auto processes = processes_of(state);
  if (!processes) return std::unexpected(processes.error());
  if (processes->empty()) return fail("container not running", {}, ESRCH);
  if (signal == SIGKILL && !state.cgroup.empty()) {
    auto cgroup = own_cgroup(state);
    return cgroup ? cgroup->write("cgroup.kill", "1") : std::unexpected(cgroup.error());
  }
  const ino_t ns = state.cgroup.empty() ? pid_namespace(std::to_string(state.pid)) : 0;
  for (int pid : *processes) {
    UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!process || !belongs(state, pid, ns)) continue;
    if (syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) < 0 && errno != ESRCH)
      return fail("cannot signal process", std::to_string(pid), errno);
  }
  return {};
}

}  // namespace podsd::runtime
