// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/clone.hpp"

#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "agent/runtime/init.hpp"

namespace podsd::runtime {
namespace {

// Has it moved while it waits at its gate, and opens that.
Result<void> adopt(const Placement& placement, const Container& container, const UniqueFd& gate) {
  if (!placement.adopt) return {};
  if (auto done = placement.adopt(container.pid); !done) return done;
  if (write(gate.get(), &word::about_to_exec, 1) != 1)
    return fail("the container's init ended before it was set up, " + describe_end(container));
  return {};
}

}  // namespace

Result<Container> clone_process(std::uint64_t namespaces, const Placement& placement, UniqueFd& gate) {
  int pidfd = -1;
  clone_args args = {};
  args.flags = namespaces | CLONE_PIDFD;
  if (placement.birthplace != nullptr && *placement.birthplace) {
    // Born there: a move between cgroups would wait for an RCU grace period of the whole machine.
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<std::uint64_t>(placement.birthplace->get());
  }
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  const auto pid = static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof args));
  if (pid < 0) return fail("cannot make the container's process", {}, errno);
  if (pid == 0) {
    gate.reset();
    return Container{0, {}};
  }
  Container container{pid, UniqueFd(pidfd)};
  if (auto done = adopt(placement, container, gate); !done) {
    kill_container(container);
    return std::unexpected(done.error());
  }
  return container;
}

std::string describe_end(const Container& container) {
  siginfo_t info = {};
  if (waitid(P_PIDFD, static_cast<id_t>(container.pidfd.get()), &info, WEXITED | WNOWAIT) < 0)
    return "for unknown reasons";
  if (info.si_code == CLD_EXITED) return "with exit code " + std::to_string(info.si_status);
  return "by signal " + std::to_string(info.si_status);
}

}  // namespace podsd::runtime
