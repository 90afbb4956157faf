// SPDX-License-Identifier: Apache-2.0
// What belongs to the process: names, sysctls, limits, user and capabilities.
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/runtime/setup.hpp"

namespace podsd::runtime {
namespace {

constexpr std::uint64_t bit(int capability) {
  return std::uint64_t{1} << capability;
}

Result<void> drop_bounding(std::uint64_t keep) {
  for (int capability = 0; capability < 64; ++capability) {
    int there = prctl(PR_CAPBSET_READ, capability);
    if (there < 0) return {};  // past the last that the kernel knows
    if (there == 0 || (keep & bit(capability)) != 0) continue;
    if (prctl(PR_CAPBSET_DROP, capability) < 0)
      return fail("cannot drop a capability from the bounding set", {}, errno);
  }
  return {};
}

Result<void> set_capabilities(const BecomeUser& op) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (int half = 0; half < 2; ++half) {
    data[half].effective = static_cast<__u32>(op.effective >> (32 * half));
    data[half].permitted = static_cast<__u32>(op.permitted >> (32 * half));
    data[half].inheritable = static_cast<__u32>(op.inheritable >> (32 * half));
  }
  if (syscall(SYS_capset, &header, data) < 0) return fail("cannot set the capabilities", {}, errno);
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
    return fail("cannot clear the ambient capabilities", {}, errno);
  for (int capability = 0; capability < 64; ++capability)
    if ((op.ambient & bit(capability)) != 0 &&
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0)
      return fail("cannot raise an ambient capability", {}, errno);
  return {};
}

// getcwd(2) answers "(unreachable)…" for a directory outside the root: one reached through a stray descriptor
// or link.
Result<void> verify_inside(const std::string& cwd) {
  char path[4096];
  long n = syscall(SYS_getcwd, path, sizeof path);
  if (n < 0) return fail("cannot tell the working directory", cwd, errno);
  if (path[0] != '/') return fail("the working directory lies outside the container's root", cwd);
  return {};
}

Result<void> change_ids(const BecomeUser& op) {
  if (prctl(PR_SET_KEEPCAPS, 1) < 0) return fail("cannot keep capabilities", {}, errno);
  if (setgroups(op.groups.size(), op.groups.data()) < 0)
    return fail("cannot set the supplementary groups", {}, errno);
  if (setresgid(op.gid, op.gid, op.gid) < 0)
    return fail("cannot set the group", std::to_string(op.gid), errno);
  if (setresuid(op.uid, op.uid, op.uid) < 0)
    return fail("cannot set the user", std::to_string(op.uid), errno);
  return {};
}

}  // namespace

Result<void> apply(Setup& setup, const WriteSysctl& op) {
  auto own = op.is_new ? Result<bool>(true) : setup.proc.has_own(op.ns);
  if (!own) return fail("sysctl", op.key, own.error());
  if (!*own) return fail("refused, since the " + op.ns + " namespace is the host's: sysctl", op.key);
  std::string path = op.key;
  for (char& c : path) c = c == '.' ? '/' : c == '/' ? '.' : c;
  if (auto done = setup.proc.write_sysctl(path, op.value); !done) return fail("sysctl", op.key, done.error());
  return {};
}

Result<void> apply(Setup&, const SetHostname& op) {
  if (sethostname(op.name.data(), op.name.size()) < 0) return fail("cannot set the hostname", op.name, errno);
  return {};
}

Result<void> apply(Setup&, const SetDomainname& op) {
  if (setdomainname(op.name.data(), op.name.size()) < 0)
    return fail("cannot set the domainname", op.name, errno);
  return {};
}

Result<void> apply(Setup& setup, const SetOomScore& op) {
  auto done = setup.proc.write("self/oom_score_adj", std::to_string(op.score));
  if (!done) return fail("cannot set oom_score_adj", std::to_string(op.score), done.error());
  return {};
}

Result<void> apply(Setup&, const RaiseRlimit& op) {
  const auto resource = static_cast<__rlimit_resource>(op.resource);
  rlimit limit = {};
  if (getrlimit(resource, &limit) < 0) return fail("cannot read a limit", op.name, errno);
  if (limit.rlim_max >= op.hard) return {};
  limit.rlim_max = op.hard;
  if (setrlimit(resource, &limit) < 0) return fail("cannot set a limit", op.name, errno);
  return {};
}

Result<void> apply(Setup&, const SetRlimit& op) {
  rlimit limit = {op.soft, op.hard};
  if (setrlimit(static_cast<__rlimit_resource>(op.resource), &limit) < 0)
    return fail("cannot set a limit", op.name, errno);
  return {};
}

Result<void> apply(Setup& setup, const BecomeUser& op) {
  int entered = chdir(op.cwd.c_str());
  if (entered < 0 && errno != EACCES) return fail("cannot enter the working directory", op.cwd, errno);
  if (auto done = drop_bounding(op.bounding); !done) return done;
  // Without no_new_privs only CAP_SYS_ADMIN may load a filter, which therefore must allow what follows here;
  // with it, the filter comes right before the program.
  if (!op.no_new_privileges)
    if (auto done = load_seccomp(*setup.filter, *setup.agent); !done) return done;
  if (auto done = change_ids(op); !done) return done;
  if (auto done = set_capabilities(op); !done) return done;
  // Some file systems (NFS, FUSE) let the user in where they keep root out.
  if (entered < 0 && chdir(op.cwd.c_str()) < 0)
    return fail("cannot enter the working directory", op.cwd, errno);
  if (auto done = verify_inside(op.cwd); !done) return done;
  if (op.no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return fail("cannot set no_new_privs", {}, errno);
  ::umask(op.umask);
  return {};
}

}  // namespace podsd::runtime
