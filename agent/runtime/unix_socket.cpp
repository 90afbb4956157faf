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

}  // namespace podsd::runtime
