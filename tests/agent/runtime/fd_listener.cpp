// SPDX-License-Identifier: Apache-2.0
#include "fd_listener.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstring>

namespace podsd::runtime {

FdListener::FdListener(std::filesystem::path path)
    : path_(std::move(path)), socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  BOOST_REQUIRE(path_.string().size() < sizeof address.sun_path);
  std::strcpy(address.sun_path, path_.c_str());
  std::filesystem::remove(path_);
  BOOST_REQUIRE_EQUAL(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  BOOST_REQUIRE_EQUAL(listen(socket_.get(), 1), 0);
}

FdListener::Received FdListener::receive() const {
  Received received;
  alarm(60);
  UniqueFd connection(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  char text[1024];
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  for (;;) {
    iovec data = {text, sizeof text};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t n = recvmsg(connection.get(), &message, MSG_CMSG_CLOEXEC);
    if (n <= 0) break;
    received.text.append(text, static_cast<std::size_t>(n));
    if (const cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr && c->cmsg_type == SCM_RIGHTS) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(c), sizeof fd);
      received.fd.reset(fd);
    }
  }
  alarm(0);
  return received;
}

}  // namespace podsd::runtime
