// SPDX-License-Identifier: Apache-2.0
// proc and sysfs of a container with a user namespace. In one the kernel mounts them only where those of the
// host are not covered anywhere (mount_too_revealing() of fs/namespace.c), which they are in every container
// that is a host. A process in a mount namespace of the host's user is not asked; it has to be in the pid and
// network namespaces that the file systems show.
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "agent/os/fd_passing.hpp"
#include "agent/runtime/init.hpp"
#include "agent/runtime/mount_calls.hpp"
#include "agent/runtime/prepared.hpp"

namespace podsd::runtime {
namespace {

const FilesystemMount* kernel_filesystem(const Op& op) {
  const auto* mount = std::get_if<FilesystemMount>(&op);
  return mount != nullptr && mount->real_directory && !mount->options.remount ? mount : nullptr;
}

void send_mount(const UniqueFd& socket, std::size_t index, const UniqueFd& mount) {
  // An init that is gone needs nothing.
  static_cast<void>(send_with_fd(socket, {reinterpret_cast<const char*>(&index), sizeof index}, mount));
}

pid_t fork_process() {
  clone_args args = {};
  args.exit_signal = SIGCHLD;
  return static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof args));
}

void wait_for(pid_t pid) {
  while (pid > 0 && waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void make_and_send(const Plan& plan, const UniqueFd& socket) {
  for (std::size_t i = 0; i < plan.ops.size(); ++i) {
    const FilesystemMount* op = kernel_filesystem(plan.ops[i]);
    if (op == nullptr) continue;
    auto mount = detached_filesystem(op->type, op->options.data, mount_attributes(op->options.flags).set);
    if (mount) send_mount(socket, i, *mount);
  }
}

}  // namespace

bool wants_filesystems(const Plan& plan) {
  for (const Op& op : plan.ops)
    if (kernel_filesystem(op) != nullptr) return true;
  return false;
}

void send_filesystems(const Plan& plan, const UniqueFd& init, const UniqueFd& socket) {
  // Not this process itself: its later children, hooks, belong into its own pid namespace.
  const pid_t pid = fork_process();
  if (pid != 0) return wait_for(pid);
  if (!enter_namespaces(init, CLONE_NEWPID | CLONE_NEWNET)) _exit(1);
  const pid_t inside = fork_process();  // a pid namespace is entered by the children of who joins it
  if (inside == 0) make_and_send(plan, socket);
  wait_for(inside);
  _exit(0);
}

void receive_filesystems(const UniqueFd& socket, Prepared& prepared) {
  for (;;) {
    std::size_t index = 0;
    auto mount = receive_with_fd(socket, {reinterpret_cast<char*>(&index), sizeof index});
    if (!mount || !*mount) return;
    prepared[index] = std::move(*mount);
  }
}

}  // namespace podsd::runtime
