// SPDX-License-Identifier: Apache-2.0
// Labels of security modules, which take effect with the program (apparmor(7), selinux(8)).
#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>

#include "agent/runtime/setup.hpp"

namespace podsd::runtime {
namespace {

// Both modules, and none, answer to attr/exec: only SELinux mounts this.
bool kernel_has_selinux() {
  struct statfs filesystem = {};
  return statfs("/sys/fs/selinux", &filesystem) == 0 && filesystem.f_type == SELINUX_MAGIC;
}

}  // namespace

Result<void> apply(Setup&, const RequireSelinux& op) {
  if (kernel_has_selinux()) return {};
  return fail("a SELinux label is asked for, but SELinux is not enabled in this kernel", op.label);
}

Result<void> apply(Setup& setup, const SetLabels& op) {
  if (!op.apparmor.empty()) {
    auto done = setup.proc.write("self/attr/apparmor/exec", "exec " + op.apparmor);
    if (!done)
      return fail("cannot apply an AppArmor profile (is AppArmor enabled in this kernel?)", op.apparmor,
                  done.error());
  }
  if (!op.selinux.empty())
    if (auto done = setup.proc.write("self/attr/exec", op.selinux); !done)
      return fail("cannot apply a SELinux label", op.selinux, done.error());
  return {};
}

}  // namespace podsd::runtime
