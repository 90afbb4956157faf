// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/console_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace podsd::engine {

// By way of an fd of the folder, since sun_path ends at 108 bytes.
Result<void> listen_for_terminal(const std::filesystem::path& folder, const UniqueFd& socket) {
  const UniqueFd dir(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return fail("cannot open", folder, errno);
  ::unlinkat(dir.get(), "console", 0);  // of an earlier start
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string name = "/proc/self/fd/" + std::to_string(dir.get()) + "/console";
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 1) != 0)
    return fail("cannot listen for the terminal", {}, errno);
  return {};
}

}  // namespace podsd::engine
