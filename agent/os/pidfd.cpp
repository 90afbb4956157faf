// SPDX-License-Identifier: Apache-2.0
#include "agent/os/pidfd.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace podsd {

Result<int> pidfd_pid(const UniqueFd& pidfd) {
  std::string path = "/proc/self/fdinfo/" + std::to_string(pidfd.get());
  UniqueFd info(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!info) return fail("cannot open", path, errno);
  char text[1024];
  ssize_t n = read(info.get(), text, sizeof text - 1);
  if (n < 0) return fail("cannot read", path, errno);
  text[n] = '\0';
  const char* line = std::strstr(text, "\nPid:");
  if (line == nullptr) return fail("not a pidfd", path);
  return std::atoi(line + 5);
}

}  // namespace podsd
