// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/container.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "agent/runtime/clone.hpp"
#include "agent/runtime/init.hpp"
#include "agent/runtime/net_devices.hpp"
#include "agent/runtime/user_namespace.hpp"

namespace podsd::runtime {
namespace {

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

Result<void> make_pipe(UniqueFd& reading, UniqueFd& writing) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return fail("cannot make a pipe", {}, errno);
  reading.reset(ends[0]);
  writing.reset(ends[1]);
  return {};
}

Result<Container> clone_init(std::uint64_t namespaces, const Placement& placement, InitArguments& arguments,
                             UniqueFd& gate) {
  auto container = clone_process(namespaces, placement, gate);
  if (container && container->pid == 0) run_init(std::move(arguments));
  return container;
}

Result<void> do_part(char asked, const Plan& plan, const StartArguments& arguments, int pid) {
  if (asked == word::devices) return move_net_devices(plan, pid);
  return arguments.at_ready ? arguments.at_ready(pid) : Result<void>{};
}

// What the init says up to its program, or to its wait for the start. Where it waits for the runtime, that
// does its part in between.
Result<void> follow(const UniqueFd& socket, const Plan& plan, const StartArguments& arguments,
                    const Container& container) {
  std::string report;
  for (char first; report.empty();) {
    const ssize_t n = read(socket.get(), &first, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n != 1) break;
    if (first != word::ready && first != word::devices) {
      report = first;
      break;
    }
    if (auto done = do_part(first, plan, arguments, container.pid); !done) return done;
    if (write(socket.get(), &first, 1) != 1) return fail("the container's init is gone", {}, errno);
  }
  report += read_report(socket);
  if (!report.empty()) return judge(report);
  return fail("the container's init ended before it was set up, " + describe_end(container));
}

// Runs the init in a new process and waits until it has executed its program, or waits for its start.
Result<Container> start_process(std::uint64_t namespaces, const Placement& placement,
                                InitArguments arguments) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return fail("cannot make a socket pair", {}, errno);
  UniqueFd mine(ends[0]), gate;
  arguments.pipe.reset(ends[1]);
  arguments.runtimes_end = mine.get();
  if (placement.adopt)
    if (auto done = make_pipe(arguments.gate, gate); !done) return std::unexpected(done.error());
  auto container = arguments.plan.user && arguments.enter == nullptr
                       ? clone_in_user_namespace(arguments, placement, gate)
                       : clone_init(namespaces, placement, arguments, gate);
  if (!container) return container;
  arguments.pipe.reset();
  auto done = follow(mine, arguments.plan, arguments.start, *container);
  if (done) return container;
  kill_container(*container);
  return std::unexpected(std::move(done.error()));
}

Result<void> begin_time(const Plan& plan) {
  if ((plan.new_namespaces & CLONE_NEWTIME) == 0) return {};
  auto offsets = open_time_offsets();
  if (!offsets) return std::unexpected(offsets.error());
  return make_time_namespace(plan.time_offsets, *offsets);
}

}  // namespace

Result<void> await_exec(const UniqueFd& connection, bool& by_hook) {
  return judge(read_report(connection), &by_hook);
}

Result<Container> start_container(const Plan& plan, StartArguments arguments, const Placement& placement) {
  auto prepared = prepare_mounts(plan, arguments.bundle);
  if (!prepared) return std::unexpected(prepared.error());
  // A cgroup namespace begins where its maker is, which is its parent's cgroup until the clone is done. In a
  // user namespace its maker is in the right one already.
  const bool placed = placement.birthplace != nullptr || placement.adopt;
  const std::uint64_t later = placed && !plan.user ? plan.new_namespaces & CLONE_NEWCGROUP : 0;
  if (!plan.user) {
    // A pid or new time namespace is entered by the children of who joins or makes it.
    if (auto done = join_namespaces(plan, CLONE_NEWPID); !done) return std::unexpected(done.error());
    if (auto done = begin_time(plan); !done) return std::unexpected(done.error());
  }
  return start_process(plan.new_namespaces & ~later & ~std::uint64_t{CLONE_NEWTIME}, placement,
                       {plan, std::move(arguments), nullptr, {}, {}, later, -1, std::move(*prepared)});
}

Result<Container> enter_container(const Plan& plan, StartArguments arguments, const UniqueFd& init,
                                  const UniqueFd& cgroup) {
  if (auto entered = enter_namespaces(init, CLONE_NEWPID); !entered) return std::unexpected(entered.error());
  return start_process(0, {&cgroup, {}}, {plan, std::move(arguments), &init, {}, {}, 0, -1});
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
