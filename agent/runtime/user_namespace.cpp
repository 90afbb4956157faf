// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/user_namespace.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "agent/runtime/clone.hpp"
#include "agent/runtime/program.hpp"
#include "agent/runtime/setup.hpp"

namespace podsd::runtime {
namespace {

// What the process in between tells the runtime: one packet each. `mapped` is the only answer.
namespace say {
constexpr char map_me = 'm', mapped = 'k', failed = 'E', init = 'p';
}
constexpr std::size_t packet_bytes = 4096;

void send_packet(const UniqueFd& socket, const std::string& packet) {
  send(socket.get(), packet.data(), std::min(packet.size(), packet_bytes), MSG_NOSIGNAL);
}

std::string receive_packet(const UniqueFd& socket) {
  char buffer[packet_bytes];
  ssize_t n;
  do n = recv(socket.get(), buffer, sizeof buffer, 0);
  while (n < 0 && errno == EINTR);
  return std::string(buffer, n > 0 ? static_cast<std::size_t>(n) : 0);
}

// ---- between the runtime and the init ----

Result<void> enter_new(const UniqueFd& runtime) {
  if (unshare(CLONE_NEWUSER) < 0) return fail("cannot make a user namespace", {}, errno);
  send_packet(runtime, std::string(1, say::map_me));
  // Without an answer the runtime has said itself what went wrong.
  if (receive_packet(runtime).empty()) _exit(1);
  return {};
}

// What the namespace maps is fixed: a configuration that expects something else is not for it.
Result<void> check_maps(const UserMaps& wanted) {
  for (const auto& [path, map] :
       {std::pair{"/proc/self/uid_map", &wanted.uids}, {"/proc/self/gid_map", &wanted.gids}}) {
    UniqueFd file(open(path, O_RDONLY | O_CLOEXEC));
    char text[packet_bytes * 4];
    const ssize_t n = file ? read(file.get(), text, sizeof text) : -1;
    if (n < 0) return fail("cannot read", path, errno);
    if (parse_map({text, static_cast<std::size_t>(n)}) != *map)
      return fail("the user namespace has other mappings than the configuration", path);
  }
  return {};
}

Result<void> enter_existing(const UniqueFd& ns, const UserNamespace& user) {
  if (setns(ns.get(), CLONE_NEWUSER) < 0) return fail("cannot enter a namespace", user.path, errno);
  if (user.maps.empty()) return {};
  return check_maps(user.maps);
}

// Those of the host's user are entered before the user namespace, those of its own may need it.
struct Joins {
  std::vector<std::pair<const JoinNamespace*, UniqueFd>> left;

  Result<void> open_all(const Plan& plan) {
    for (const auto& join : plan.joins) {
      UniqueFd ns(open(join.path.c_str(), O_RDONLY | O_CLOEXEC));
      if (!ns) return fail("cannot open a namespace", join.path, errno);
      left.emplace_back(&join, std::move(ns));
    }
    return {};
  }

  Result<void> enter(bool last_try) {
    for (auto it = left.begin(); it != left.end();) {
      // The flag makes the kernel refuse a namespace of another kind.
      if (setns(it->second.get(), static_cast<int>(it->first->flag)) == 0) {
        it = left.erase(it);
      } else if (errno == EPERM && !last_try) {
        ++it;
      } else {
        return fail("cannot enter a namespace", it->first->path, errno);
      }
    }
    return {};
  }
};

Result<void> run_early(const Plan& plan) {
  auto proc = Procfs::open();
  if (!proc) return std::unexpected(proc.error());
  Setup setup(std::move(*proc));
  for (const Op& op : plan.early)
    if (auto done = apply(setup, op); !done) return done;
  return {};
}

Result<void> enter_all(const Plan& plan, const UniqueFd& runtime) {
  if (auto done = run_early(plan); !done) return done;
  UniqueFd offsets, user;
  if ((plan.new_namespaces & CLONE_NEWTIME) != 0) {
    auto opened = open_time_offsets();
    if (!opened) return std::unexpected(opened.error());
    offsets = std::move(*opened);
  }
  Joins joins;
  if (auto done = joins.open_all(plan); !done) return done;
  if (!plan.user->path.empty()) {
    user.reset(open(plan.user->path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!user) return fail("cannot open a namespace", plan.user->path, errno);
  }
  if (auto done = joins.enter(false); !done) return done;
  auto entered = user ? enter_existing(user, *plan.user) : enter_new(runtime);
  if (entered) entered = become_root_of_namespace();
  if (entered) entered = joins.enter(true);
  if (entered && offsets) entered = make_time_namespace(plan.time_offsets, offsets);
  return entered;
}

[[noreturn]] void stand_between(InitArguments& arguments, UniqueFd runtime) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (arguments.gate) wait_at_gate(arguments.gate);
  if (auto done = enter_all(arguments.plan, runtime); !done) {
    send_packet(runtime, say::failed + done.error().message());
    _exit(1);
  }
  clone_args args = {};
  // The runtime's child: its end ends an unfinished container, and it is the one to wait.
  constexpr std::uint64_t entered = CLONE_NEWTIME | CLONE_NEWUSER;
  args.flags = (arguments.plan.new_namespaces & ~entered) | CLONE_PARENT;
  const auto pid = static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof args));
  if (pid == 0) {
    runtime.reset();
    run_init(std::move(arguments));
  }
  if (pid < 0) {
    send_packet(runtime, say::failed + ("cannot make the container's process: " + error_text(errno)));
    _exit(1);
  }
  std::string packet(1 + sizeof pid, say::init);
  std::memcpy(packet.data() + 1, &pid, sizeof pid);
  send_packet(runtime, packet);
  _exit(0);
}

// ---- in the runtime ----

Result<pid_t> converse(const UniqueFd& between, pid_t pid, const Plan& plan) {
  for (;;) {
    const std::string packet = receive_packet(between);
    if (packet.empty()) return fail("the user namespace's first process ended before the container's");
    if (packet.front() == say::failed) return fail(packet.substr(1));
    if (packet.front() == say::map_me) {
      if (auto written = write_maps(pid, plan.user->maps); !written) return std::unexpected(written.error());
      send_packet(between, std::string(1, say::mapped));
      continue;
    }
    pid_t init = -1;
    if (packet.size() == 1 + sizeof init) std::memcpy(&init, packet.data() + 1, sizeof init);
    return init;
  }
}

struct Pair {
  UniqueFd ours, theirs;
};

Result<Pair> socket_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
    return fail("cannot make a socket pair", {}, errno);
  return Pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace

Result<void> become_root_of_namespace() {
  // Closed (/proc/PID/setgroups) where an unprivileged user has made the namespace: the groups stay then.
  if (setgroups(0, nullptr) < 0 && errno != EPERM) return fail("cannot drop the groups", {}, errno);
  if (setresgid(0, 0, 0) < 0) return fail("the user namespace has no group 0", {}, errno);
  if (setresuid(0, 0, 0) < 0) return fail("the user namespace has no user 0", {}, errno);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_DUMPABLE, 0);
  return {};
}

Result<UniqueFd> open_time_offsets() {
  constexpr const char* path = "/proc/self/timens_offsets";
  UniqueFd offsets(open(path, O_WRONLY | O_CLOEXEC));
  if (!offsets) return fail("cannot open", path, errno);
  return offsets;
}

Result<void> make_time_namespace(const std::string& text, const UniqueFd& offsets) {
  if (unshare(CLONE_NEWTIME) < 0) return fail("cannot make a time namespace", {}, errno);
  if (text.empty()) return {};
  if (write(offsets.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail("cannot set linux.timeOffsets", {}, errno);
  return {};
}

Result<Container> clone_in_user_namespace(InitArguments& arguments, const Placement& placement,
                                          UniqueFd& gate) {
  auto talk = socket_pair(), mounts = socket_pair();
  if (!talk || !mounts) return std::unexpected(talk ? mounts.error() : talk.error());
  auto between = clone_process(0, placement, gate);
  if (!between) return between;
  if (between->pid == 0) {
    talk->ours.reset();
    mounts->ours.reset();
    arguments.filesystems = std::move(mounts->theirs);
    stand_between(arguments, std::move(talk->theirs));
  }
  talk->theirs.reset();
  mounts->theirs.reset();
  auto pid = converse(talk->ours, between->pid, arguments.plan);
  talk->ours.reset();
  while (waitpid(between->pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (!pid) return std::unexpected(pid.error());
  // Nobody else reaps it, so the number is its own.
  Container container{*pid, UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)))};
  if (!container.pidfd) return fail("cannot open a pidfd", {}, errno);
  if (wants_filesystems(arguments.plan)) send_filesystems(arguments.plan, container.pidfd, mounts->ours);
  return container;
}

}  // namespace podsd::runtime
