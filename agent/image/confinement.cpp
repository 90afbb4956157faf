// SPDX-License-Identifier: Apache-2.0
#include "agent/image/confinement.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "policies/seccomp.hpp"

namespace podsd::image {
namespace {

/// Nothing of these is needed to read blobs and write files; each could undo or get around the rest.
policies::SeccompProfile profile(Confined what) {
  policies::SeccompProfile profile;
  profile.rules.push_back({{"acct",
                            "add_key",
                            "adjtimex",
                            "bpf",
                            "chroot",
                            "clock_adjtime",
                            "clock_settime",
                            "clone3",
                            "delete_module",
                            "execve",
                            "execveat",
                            "finit_module",
                            "fsconfig",
                            "fsmount",
                            "fsopen",
                            "fspick",
                            "init_module",
                            "io_uring_enter",
                            "io_uring_register",
                            "io_uring_setup",
                            "ioperm",
                            "iopl",
                            "kexec_file_load",
                            "kexec_load",
                            "keyctl",
                            "kill",
                            "mount",
                            "mount_setattr",
                            "move_mount",
                            "name_to_handle_at",
                            "open_by_handle_at",
                            "open_tree",
                            "perf_event_open",
                            "pidfd_getfd",
                            "pidfd_open",
                            "pidfd_send_signal",
                            "pivot_root",
                            "process_vm_readv",
                            "process_vm_writev",
                            "ptrace",
                            "quotactl",
                            "quotactl_fd",
                            "reboot",
                            "request_key",
                            "setdomainname",
                            "sethostname",
                            "setns",
                            "settimeofday",
                            "socket",
                            "socketpair",
                            "swapoff",
                            "swapon",
                            "syslog",
                            "umount2",
                            "unshare",
                            "userfaultfd",
                            "vhangup"},
                           policies::SeccompAction::error,
                           EPERM,
                           {}});
  if (what == Confined::program) std::erase(profile.rules.back().names, "execve");
  return profile;
}

/// Lets the folder's own path lead to the mount: programs take paths.
Result<void> put_in_place(int mount, int folder) {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(folder), error);
  if (error) return fail("cannot read the folder's path", {}, error.value());
  if (::syscall(SYS_move_mount, mount, "", AT_FDCWD, path.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
    return fail("cannot mount", path, errno);
  return {};
}

/// Another fd of the folder, in a mount of its own that stays writable when all others are not.
Result<UniqueFd> own_mount(int folder, Confined what) {
  // Before the mount namespace changes: the fd's mount is in the old one.
  const UniqueFd own(static_cast<int>(::syscall(
      SYS_open_tree, folder, "", OPEN_TREE_CLONE | O_CLOEXEC | static_cast<unsigned>(AT_EMPTY_PATH))));
  if (!own) return fail("cannot copy a mount", {}, errno);
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC) != 0)
    return fail("cannot leave the namespaces", {}, errno);
  // Nothing that is mounted here reaches other namespaces, and nothing of theirs comes here.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return fail("cannot make mounts private", {}, errno);
  mount_attr read_only{};
  read_only.attr_set = MOUNT_ATTR_RDONLY;
  if (::syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &read_only, sizeof read_only) != 0)
    return fail("cannot make mounts read-only", {}, errno);
  if (what == Confined::program)
    if (auto put = put_in_place(own.get(), folder); !put) return std::unexpected(put.error());
  // open_tree(2) gives an O_PATH fd, which some calls do not take.
  UniqueFd fd(::openat(own.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail("cannot open folder", {}, errno);
  return fd;
}

/// Writing of all kinds, as far as this kernel's Landlock knows them; 0 where it has none that will do:
/// before its second version (5.19) it denies every rename and link between folders.
std::uint64_t rights() {
  constexpr std::uint64_t truncate = 1ULL << 14;  // LANDLOCK_ACCESS_FS_TRUNCATE, 6.2
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 2) return 0;
  return LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
         LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
         LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
         LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER | (version >= 3 ? truncate : 0);
}

Result<void> landlock(int folder) {
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = rights();
  if (handled.handled_access_fs == 0) return {};
  const UniqueFd rules(static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled.handled_access_fs, 0)));
  if (!rules) return fail("cannot make Landlock rules", {}, errno);
  landlock_path_beneath_attr below{};
  below.allowed_access = handled.handled_access_fs;
  below.parent_fd = folder;
  if (::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &below, 0) != 0 ||
      ::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0)
    return fail("cannot apply Landlock rules", {}, errno);
  return {};
}

Result<void> drop_capabilities(Confined what) {
  using Capabilities = std::vector<unsigned>;
  // SYS_ADMIN reads and writes trusted.*.
  const Capabilities kept = what == Confined::program
                                ? Capabilities{CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN}
                                : Capabilities{CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER,   CAP_FSETID,
                                               CAP_MKNOD, CAP_SETFCAP,      CAP_SYS_ADMIN};
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  for (const unsigned capability : kept) data[capability / 32].permitted |= 1U << (capability % 32);
  for (__user_cap_data_struct& word : data) word.effective = word.permitted;
  if (::syscall(SYS_capset, &header, data) != 0) return fail("cannot drop capabilities", {}, errno);
  return {};
}

}  // namespace

Result<Filter> make_filter(Confined what) {
  const UniqueFd file(::memfd_create("filter", MFD_CLOEXEC));
  if (!file) return fail("cannot make a seccomp filter", {}, errno);
  if (auto compiled = policies::compile_seccomp(profile(what), file.get()); !compiled)
    return std::unexpected(compiled.error());
  struct stat st {};
  if (::fstat(file.get(), &st) != 0) return fail("cannot make a seccomp filter", {}, errno);
  Filter filter(static_cast<std::size_t>(st.st_size) / sizeof(sock_filter));
  const auto bytes = static_cast<ssize_t>(filter.size() * sizeof(sock_filter));
  if (::pread(file.get(), filter.data(), static_cast<std::size_t>(bytes), 0) != bytes)
    return fail("cannot read the seccomp filter", {}, errno);
  return filter;
}

Result<UniqueFd> confine(int folder, const Filter& filter, Confined what) {
  auto own = own_mount(folder, what);
  if (!own) return own;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail("cannot set no_new_privs", {}, errno);
  if (auto locked = landlock(own->get()); !locked) return std::unexpected(locked.error());
  if (auto dropped = drop_capabilities(what); !dropped) return std::unexpected(dropped.error());
  const sock_fprog program{static_cast<unsigned short>(filter.size()),
                           const_cast<sock_filter*>(filter.data())};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
    return fail("cannot apply the seccomp filter", {}, errno);
  return own;
}

}  // namespace podsd::image
