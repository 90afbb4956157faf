// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox/stream_io.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace podsd::sandbox {

void make_nonblocking(int fd) {
  if (fd > 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void close_and_forget(int& fd) {
  if (fd > 0) close(fd);
  fd = 0;
}

int64_t monotonic_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1'000'000;
}

ssize_t send_as(int socket, const char* data, size_t size, int pid) {
  iovec part = {const_cast<char*>(data), size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_CREDENTIALS;
  c->cmsg_len = CMSG_LEN(sizeof(ucred));
  const ucred as = {pid, getuid(), getgid()};
  memcpy(CMSG_DATA(c), &as, sizeof as);
  ssize_t n = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n >= 0 || (errno != ESRCH && errno != EPERM)) return n;
  return send(socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int receive_master(int connection) {
  char name[64];
  iovec data = {name, sizeof name};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  const cmsghdr* c = n > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (c == nullptr || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) return 0;
  int master;
  memcpy(&master, CMSG_DATA(c), sizeof master);
  // Only a pseudoterminal's master has that.
  unsigned number;
  if (ioctl(master, TIOCGPTN, &number) == 0) return master;
  close(master);
  return 0;
}

}  // namespace podsd::sandbox
