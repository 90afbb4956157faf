// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/self_protection.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "agent/runtime/mount_calls.hpp"

namespace podsd::runtime {
namespace {

constexpr const char* self = "/proc/self/exe";
constexpr const char* marker = "_PODSD_RUNTIME_PROTECTED";

}  // namespace

Result<void> protect_self(char** argv) {
  struct statvfs status = {};
  if (statvfs(self, &status) < 0) return fail("cannot look at", self, errno);
  bool read_only = (status.f_flag & ST_RDONLY) != 0;
  bool again = getenv(marker) != nullptr;
  if (again) unsetenv(marker);
  if (read_only) return {};
  if (again) return fail("the runtime's own file cannot be protected");
  auto copy = clone_mount(AT_FDCWD, self, false);
  if (!copy) return std::unexpected(copy.error());
  if (auto done = change_mount(*copy, MOUNT_ATTR_RDONLY, 0, 0, false); !done) return done;
  setenv(marker, "1", 1);
  execveat(copy->get(), "", argv, environ, AT_EMPTY_PATH);
  return fail("cannot execute the protected runtime", {}, errno);
}

}  // namespace podsd::runtime
