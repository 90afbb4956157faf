// SPDX-License-Identifier: Apache-2.0
// proc and sysfs of a container with a user namespace. In one the kernel mounts them only where those of the
// host are not covered anywhere (mount_too_revealing() of fs/namespace.c), which they are in every container
// that is a host. A process in a mount namespace of the host's user is not asked; it has to be in the pid and
// network namespaces that the file systems show.
#include <linux/sched.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

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
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  iovec data = {&index, sizeof index};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = mount.get();
  std::memcpy(CMSG_DATA(c), &fd, sizeof fd);
  sendmsg(socket.get(), &message, MSG_NOSIGNAL);  // an init that is gone needs nothing
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
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    iovec data = {&index, sizeof index};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t n = recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) continue;
    const cmsghdr* c = n > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (c == nullptr) return;
    int fd;
    std::memcpy(&fd, CMSG_DATA(c), sizeof fd);
    prepared[index] = UniqueFd(fd);
  }
}

}  // namespace podsd::runtime
