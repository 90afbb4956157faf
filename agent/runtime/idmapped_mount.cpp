// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/idmapped_mount.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

namespace podsd::runtime {
namespace {

// A process in a user namespace of its own, which does nothing until it is killed.
pid_t start_holder() {
  clone_args args = {};
  args.flags = CLONE_NEWUSER;
  args.exit_signal = SIGCHLD;
  const auto pid = static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof args));
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) pause();
}

}  // namespace

Result<UniqueFd> make_user_namespace(const UserMaps& maps) {
  const pid_t holder = start_holder();
  if (holder < 0) return fail("cannot make a user namespace", {}, errno);
  Result<UniqueFd> result;
  if (auto written = write_maps(holder, maps); !written) {
    result = std::unexpected(written.error());
  } else {
    const std::string path = "/proc/" + std::to_string(holder) + "/ns/user";
    result = UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!*result) result = fail("cannot open", path, errno);
  }
  ::kill(holder, SIGKILL);
  while (waitpid(holder, nullptr, 0) < 0 && errno == EINTR) {
  }
  return result;
}

Result<void> idmap_mount(const UniqueFd& mount, const UniqueFd& user_namespace, bool recursive) {
  mount_attr attributes = {};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<__u64>(user_namespace.get());
  const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  if (mount_setattr(mount.get(), "", flags, &attributes, sizeof attributes) == 0) return {};
  if (errno == EINVAL)
    return fail(recursive ? "a file system there cannot be mounted with other ids (no idmapped mounts)"
                          : "the file system cannot be mounted with other ids (no idmapped mounts)");
  return fail("cannot map the ids of a mount", {}, errno);
}

}  // namespace podsd::runtime
