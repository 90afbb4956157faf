// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/unix_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace podsd::runtime {

Result<UniqueFd> connect_unix(const std::string& path, const std::string& what) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail("cannot open a socket", {}, errno);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  UniqueFd folder;
  std::string name = path;
  if (name.size() >= sizeof address.sun_path) {
    // Reached through its folder: sun_path ends at 108 bytes.
    const auto slash = path.rfind('/');
    folder.reset(open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    name = "/proc/self/fd/" + std::to_string(folder.get()) + path.substr(slash);
  }
  if (name.size() >= sizeof address.sun_path) return fail(what + "'s name is too long", path);
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0)
    return fail("cannot connect to " + what, path, errno);
  return fd;
}

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

}  // namespace podsd::runtime
