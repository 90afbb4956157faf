// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox/address.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace podsd::sandbox {

Result<Address> socket_address(const std::filesystem::path& dir) {
  Address address{UniqueFd(open(dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), {}};
  if (!address.dir) return fail("cannot open the pod's folder", dir, errno);
  std::string name = "/proc/self/fd/" + std::to_string(address.dir.get()) + "/sandbox.sock";
  address.name.sun_family = AF_UNIX;
  std::memcpy(address.name.sun_path, name.c_str(), name.size() + 1);
  return address;
}

}  // namespace podsd::sandbox
