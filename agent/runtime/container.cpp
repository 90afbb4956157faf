// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/container.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "agent/runtime/init.hpp"

namespace podsd::runtime {
namespace {

// clone3(2) without a stack of its own: like fork(2), with namespaces and a pidfd. -1 and errno on failure.
pid_t clone_process(std::uint64_t namespaces, const UniqueFd* cgroup, int& pidfd) {
  clone_args args = {};
  args.flags = namespaces | CLONE_PIDFD;
  if (cgroup != nullptr && *cgroup) {
    // Born there: a move between cgroups would wait for an RCU grace period of the whole machine.
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<std::uint64_t>(cgroup->get());
  }
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  return static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof args));
}

std::string read_report(const UniqueFd& pipe) {
  std::string report;
  char buffer[1024];
  for (;;) {
    ssize_t n = read(pipe.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return report;
    report.append(buffer, static_cast<std::size_t>(n));
  }
}

// The report is made of single letters, and ends with a text where something failed.
Result<void> judge(const std::string& report, bool* by_hook = nullptr) {
  constexpr char failures[] = {word::failed, word::hook_failed, '\0'};
  if (auto at = report.find_first_of(failures); at != std::string::npos) {
    if (by_hook != nullptr) *by_hook = report[at] == word::hook_failed;
    return fail(report.substr(at + 1));
  }
  if (report.empty()) return fail("the container's init ended before its program was executed");
  return {};
}

std::string describe_end(const Container& container) {
  siginfo_t info = {};
  if (waitid(P_PIDFD, static_cast<id_t>(container.pidfd.get()), &info, WEXITED | WNOWAIT) < 0)
    return "for unknown reasons";
  if (info.si_code == CLD_EXITED) return "with exit code " + std::to_string(info.si_status);
  return "by signal " + std::to_string(info.si_status);
}

Result<void> make_pipe(UniqueFd& reading, UniqueFd& writing) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return fail("cannot make a pipe", {}, errno);
  reading.reset(ends[0]);
  writing.reset(ends[1]);
  return {};
}

// Has it moved while it waits at its gate, and opens that.
Result<void> adopt(const Placement& placement, const Container& container, const UniqueFd& gate) {
  if (!placement.adopt) return {};
  if (auto done = placement.adopt(container.pid); !done) return done;
  if (write(gate.get(), &word::about_to_exec, 1) != 1)
    return fail("the container's init ended before it was set up, " + describe_end(container));
  return {};
}

// What the init says up to its program, or to its wait for the start. Where it waits for the runtime, that
// does its part in between.
Result<void> follow(const UniqueFd& socket, const StartArguments& arguments, const Container& container) {
  std::string report;
  if (arguments.at_ready) {
    char first;
    ssize_t n;
    do n = read(socket.get(), &first, 1);
    while (n < 0 && errno == EINTR);
    if (n == 1 && first == word::ready) {
      if (auto done = arguments.at_ready(container.pid); !done) return done;
      if (write(socket.get(), &word::ready, 1) != 1) return fail("the container's init is gone", {}, errno);
    } else if (n == 1) {
      report = first;
    }
  }
  report += read_report(socket);
  if (!report.empty()) return judge(report);
  return fail("the container's init ended before it was set up, " + describe_end(container));
}

// Runs `init` in a new process and waits until it has executed its program, or waits for its start.
Result<Container> start_process(std::uint64_t namespaces, const Placement& placement,
                                InitArguments arguments) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return fail("cannot make a socket pair", {}, errno);
  UniqueFd mine(ends[0]), its(ends[1]), gate;
  if (placement.adopt)
    if (auto done = make_pipe(arguments.gate, gate); !done) return std::unexpected(done.error());
  int pidfd = -1;
  pid_t pid = clone_process(namespaces, placement.birthplace, pidfd);
  if (pid < 0) return fail("cannot make the container's process", {}, errno);
  if (pid == 0) {
    gate.reset();
    mine.reset();
    arguments.pipe = std::move(its);
    run_init(std::move(arguments));
  }
  its.reset();
  Container container{pid, UniqueFd(pidfd)};
  auto done = adopt(placement, container, gate);
  if (done) done = follow(mine, arguments.start, container);
  if (done) return container;
  kill_container(container);
  return std::unexpected(std::move(done.error()));
}

}  // namespace

Result<void> await_exec(const UniqueFd& connection, bool& by_hook) {
  return judge(read_report(connection), &by_hook);
}

Result<Container> start_container(const Plan& plan, StartArguments arguments, const Placement& placement) {
  // A pid namespace is entered by the children of who joins it.
  if (auto done = join_namespaces(plan, CLONE_NEWPID); !done) return std::unexpected(done.error());
  // A cgroup namespace begins where its maker is, which is its parent's cgroup until the clone is done.
  const bool placed = placement.birthplace != nullptr || placement.adopt;
  const std::uint64_t later = placed ? plan.new_namespaces & CLONE_NEWCGROUP : 0;
  return start_process(plan.new_namespaces & ~later, placement,
                       {plan, std::move(arguments), nullptr, {}, {}, later});
}

Result<Container> enter_container(const Plan& plan, StartArguments arguments, const UniqueFd& init,
                                  const UniqueFd& cgroup) {
  if (auto done = enter_namespaces(init, CLONE_NEWPID); !done) return std::unexpected(done.error());
  return start_process(0, {&cgroup, {}}, {plan, std::move(arguments), &init, {}, {}});
}

void kill_container(const Container& container) {
  syscall(SYS_pidfd_send_signal, container.pidfd.get(), SIGKILL, nullptr, 0);
  siginfo_t info;
  while (waitid(P_PIDFD, static_cast<id_t>(container.pidfd.get()), &info, WEXITED) < 0 && errno == EINTR) {
  }
}

void block_signals() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace podsd::runtime
