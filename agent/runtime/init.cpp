// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/init.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>

#include "agent/runtime/program.hpp"
#include "agent/runtime/setup.hpp"

namespace podsd::runtime {
namespace {

constexpr int first_other_fd = 3;

// The runtime's death ends an unfinished container. No one with the same user may look into this process
// meanwhile.
void guard() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_DUMPABLE, 0);
  setsid();
  ::umask(0);
  // A keyring of its own, not that of the service that started podsd; some seccomp filters do not allow it.
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
}

Result<void> set_up(InitArguments& arguments) {
  guard();
  if (auto done = join_namespaces(arguments.plan, ~std::uint64_t{CLONE_NEWPID}); !done) return done;
  auto proc = Procfs::open();
  if (!proc) return std::unexpected(proc.error());
  Setup setup(std::move(*proc));
  setup.filter = &arguments.plan.filter;
  setup.bundle.reset(open(arguments.bundle.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!setup.bundle) return fail("cannot open the bundle", arguments.bundle, errno);
  for (const Op& op : arguments.plan.ops)
    if (auto done = apply(setup, op); !done) return done;
  return {};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// Signals go back to their defaults, so that the program starts as from a fresh session.
void reset_signals() {
  struct sigaction initial = {};
  initial.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &initial, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

Result<void> execute(const InitArguments& arguments) {
  std::vector<std::string> args = arguments.plan.args, env = arguments.plan.env;
  auto program = find_program(args.front(), find_variable(env, "PATH"));
  if (!program) return std::unexpected(program.error());
  if (find_variable(env, "HOME") == nullptr) env.push_back("HOME=" + home_of(arguments.plan.uid));
  auto argv = pointers(args), envp = pointers(env);
  reset_signals();
  prctl(PR_SET_PDEATHSIG, 0);
  if (close_range(static_cast<unsigned>(first_other_fd + arguments.preserve_fds), ~0U, CLOSE_RANGE_CLOEXEC) <
      0)
    return fail("cannot close file descriptors", {}, errno);
  if (arguments.plan.no_new_privileges)
    if (auto done = load_seccomp(arguments.plan.filter); !done) return done;
  if (write(arguments.pipe.get(), &word::about_to_exec, 1) != 1)
    return fail("the runtime is gone", {}, errno);
  execve(program->c_str(), argv.data(), envp.data());
  return fail("exec " + *program + ": " + error_text(errno));
}

}  // namespace

Result<void> join_namespaces(const Plan& plan, std::uint64_t flags) {
  for (const auto& join : plan.joins) {
    if ((join.flag & flags) == 0) continue;
    UniqueFd ns(open(join.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!ns) return fail("cannot open a namespace", join.path, errno);
    // The flag makes the kernel refuse a namespace of another kind.
    if (setns(ns.get(), static_cast<int>(join.flag)) < 0)
      return fail("cannot enter a namespace", join.path, errno);
  }
  return {};
}

void run_init(InitArguments arguments) {
  auto done = set_up(arguments);
  if (done) done = execute(arguments);
  std::string text = word::failed + done.error().message();
  ssize_t ignored = write(arguments.pipe.get(), text.data(), text.size());
  static_cast<void>(ignored);
  _exit(1);
}

}  // namespace podsd::runtime
