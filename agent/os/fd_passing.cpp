// SPDX-License-Identifier: Apache-2.0
#include "agent/os/fd_passing.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace podsd {

Result<void> send_with_fd(const UniqueFd& socket, std::string_view text, const UniqueFd& fd) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  iovec data = {const_cast<char*>(text.data()), text.size()};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int));
  const int number = fd.get();
  std::memcpy(CMSG_DATA(c), &number, sizeof number);
  ssize_t sent;
  do sent = sendmsg(socket.get(), &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  while (sent >= 0 && static_cast<std::size_t>(sent) < text.size()) {
    text.remove_prefix(static_cast<std::size_t>(sent));
    sent = send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
  }
  if (sent < 0) return fail("cannot send", {}, errno);
  return {};
}

Result<UniqueFd> receive_with_fd(const UniqueFd& socket, std::span<char> text) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  iovec data = {text.data(), text.size()};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t size;
  do size = recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC);
  while (size < 0 && errno == EINTR);
  if (size < 0) return fail("cannot receive", {}, errno);
  const cmsghdr* c = size > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (c == nullptr || c->cmsg_type != SCM_RIGHTS) return UniqueFd();
  int fd;
  std::memcpy(&fd, CMSG_DATA(c), sizeof fd);
  return UniqueFd(fd);
}

}  // namespace podsd
