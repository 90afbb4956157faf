// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/init.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <csignal>

#include "agent/os/pidfd.hpp"
#include "agent/runtime/program.hpp"
#include "agent/runtime/setup.hpp"
#include "agent/runtime/user_namespace.hpp"

namespace podsd::runtime {
namespace {

constexpr int first_other_fd = 3;

// The runtime's death ends an unfinished container. No one with the same user may look into this process
// meanwhile.
void guard(bool new_keyring) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_DUMPABLE, 0);
  setsid();
  ::umask(0);
  // A keyring of its own, not that of the service that started podsd; some seccomp filters do not allow it.
  if (new_keyring) syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
}

constexpr std::uint64_t all_but_pid = ~std::uint64_t{CLONE_NEWPID};

// Into a running container.
Result<void> enter(Setup& setup, const InitArguments& arguments) {
  for (const Op& op : arguments.plan.early)
    if (auto done = apply(setup, op); !done) return done;
  auto entered = enter_namespaces(*arguments.enter, all_but_pid);
  if (!entered) return std::unexpected(entered.error());
  if ((*entered & CLONE_NEWUSER) != 0) return become_root_of_namespace();
  return {};
}

// Into the namespaces of a new one, where clone_in_user_namespace() has not done so.
Result<void> join(Setup& setup, const InitArguments& arguments) {
  for (const Op& op : arguments.plan.early)
    if (auto done = apply(setup, op); !done) return done;
  if (auto done = join_namespaces(arguments.plan, all_but_pid); !done) return done;
  if (arguments.later_namespaces != 0 && unshare(static_cast<int>(arguments.later_namespaces)) < 0)
    return fail("cannot make a cgroup namespace", {}, errno);
  setup.bundle.reset(open(arguments.start.bundle.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!setup.bundle) return fail("cannot open the bundle", arguments.start.bundle, errno);
  return {};
}

// While /proc is still that of the runtime.
Result<void> describe_to_agent(InitArguments& arguments) {
  auto pid = own_pid();
  if (!pid) return std::unexpected(pid.error());
  describe_process(arguments.start.agent, arguments.start.state,
                   arguments.enter != nullptr ? Status::running : Status::creating, *pid);
  return {};
}

bool is_null_device(int fd) {
  struct stat status = {};
  return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

// A stream that is the host's null device becomes the container's own: fchmod(2) by the container's root
// would reach the host's inode. Not for who enters a container, whose /dev may be anything by now.
void use_own_null_device() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (!is_null_device(fd)) continue;
    UniqueFd own(open("/dev/null", (fcntl(fd, F_GETFL) & O_ACCMODE) | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC));
    if (own && is_null_device(own.get())) dup2(own.get(), fd);
  }
}

Result<void> set_up(InitArguments& arguments) {
  if (arguments.runtimes_end >= 0) close(arguments.runtimes_end);
  guard(arguments.start.new_keyring);
  if (arguments.gate) wait_at_gate(arguments.gate);
  if (arguments.start.agent.socket)
    if (auto done = describe_to_agent(arguments); !done) return done;
  auto proc = Procfs::open();
  if (!proc) return std::unexpected(proc.error());
  Setup setup(std::move(*proc));
  setup.filter = &arguments.plan.filter;
  setup.agent = &arguments.start.agent;
  setup.console = &arguments.start.console;
  setup.runtime = &arguments.pipe;
  setup.state = &arguments.start.state;
  if (arguments.filesystems)
    receive_filesystems(arguments.filesystems, arguments.prepared);
  else if (auto in = arguments.enter != nullptr ? enter(setup, arguments) : join(setup, arguments); !in)
    return in;
  for (std::size_t i = 0; i < arguments.plan.ops.size(); ++i) {
    auto node = arguments.prepared.extract(i);
    setup.prepared = node ? std::move(node.mapped()) : UniqueFd();
    if (auto done = apply(setup, arguments.plan.ops[i]); !done) return done;
  }
  if (arguments.enter == nullptr) use_own_null_device();
  return {};
}

void report(InitArguments& arguments, char kind, const Error& error) {
  std::string text = kind + error.message();
  ssize_t ignored = write(arguments.pipe.get(), text.data(), text.size());
  static_cast<void>(ignored);
}

// Tells the runtime that all is ready, and lets it go. Whoever connects starts the program, and hears what
// becomes of it.
Result<void> await_start(InitArguments& arguments) {
  prctl(PR_SET_PDEATHSIG, 0);
  if (write(arguments.pipe.get(), &word::about_to_exec, 1) != 1)
    return fail("the runtime is gone", {}, errno);
  arguments.pipe.reset();
  int connection;
  do connection = accept4(arguments.start.start_socket.get(), nullptr, nullptr, SOCK_CLOEXEC);
  while (connection < 0 && errno == EINTR);
  if (connection < 0) _exit(1);  // there is nobody to tell
  arguments.pipe.reset(connection);
  return {};
}

// They run as the user and with the limits of the program. Whoever waits is told that it was a hook.
Result<void> run_start_hooks(InitArguments& arguments) {
  std::string state = state_text(arguments.start.state, Status::created, getpid());
  auto done = run_hooks(arguments.plan.start_hooks, "startContainer", state, {});
  if (done) return {};
  report(arguments, word::hook_failed, done.error());
  _exit(1);
}

Result<void> execute(InitArguments& arguments) {
  std::vector<std::string> args = arguments.plan.args, env = arguments.plan.env;
  auto program = find_program(args.front(), find_variable(env, "PATH"));
  if (!program) return std::unexpected(program.error());
  if (find_variable(env, "HOME") == nullptr) env.push_back("HOME=" + home_of(arguments.plan.uid));
  auto argv = argument_pointers(args), envp = argument_pointers(env);
  if (arguments.start.start_socket)
    if (auto done = await_start(arguments); !done) return done;
  if (!arguments.plan.start_hooks.empty())
    if (auto done = run_start_hooks(arguments); !done) return done;
  reset_signals();
  prctl(PR_SET_PDEATHSIG, 0);
  if (close_range(static_cast<unsigned>(first_other_fd + arguments.start.preserve_fds), ~0U,
                  CLOSE_RANGE_CLOEXEC) < 0)
    return fail("cannot close file descriptors", {}, errno);
  if (arguments.plan.no_new_privileges)
    if (auto done = load_seccomp(arguments.plan.filter, arguments.start.agent); !done) return done;
  if (write(arguments.pipe.get(), &word::about_to_exec, 1) != 1)
    return fail("the runtime is gone", {}, errno);
  execve(program->c_str(), argv.data(), envp.data());
  return fail("exec " + *program + ": " + error_text(errno));
}

}  // namespace

Result<std::uint64_t> enter_namespaces(const UniqueFd& process, std::uint64_t flags) {
  struct Kind {
    std::uint64_t flag;
    const char* name;
  };
  constexpr Kind kinds[] = {{CLONE_NEWUSER, "user"},     {CLONE_NEWNS, "mnt"},   {CLONE_NEWPID, "pid"},
                            {CLONE_NEWNET, "net"},       {CLONE_NEWIPC, "ipc"},  {CLONE_NEWUTS, "uts"},
                            {CLONE_NEWCGROUP, "cgroup"}, {CLONE_NEWTIME, "time"}};
  std::uint64_t different = 0;
  auto number = pidfd_pid(process);
  if (!number) return std::unexpected(number.error());
  const std::string pid = std::to_string(*number);
  for (auto [flag, name] : kinds) {
    struct stat mine = {}, its = {};
    if ((flag & flags) == 0) continue;
    const bool known = stat((std::string("/proc/self/ns/") + name).c_str(), &mine) == 0;
    if (!known && flag == CLONE_NEWTIME) continue;  // a kernel without CONFIG_TIME_NS
    if (!known || stat(("/proc/" + pid + "/ns/" + name).c_str(), &its) < 0)
      return fail("cannot look at a namespace", name, errno);
    if (mine.st_ino != its.st_ino) different |= flag;
  }
  if (different != 0 && setns(process.get(), static_cast<int>(different)) < 0)
    return fail("cannot enter the container's namespaces", {}, errno);
  return different;
}

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

void wait_at_gate(UniqueFd& gate) {
  char byte;
  ssize_t n;
  do n = read(gate.get(), &byte, 1);
  while (n < 0 && errno == EINTR);
  if (n != 1) _exit(1);
  gate.reset();
}

void run_init(InitArguments arguments) {
  auto done = set_up(arguments);
  if (done) done = execute(arguments);
  report(arguments, word::failed, done.error());
  _exit(1);
}

}  // namespace podsd::runtime
