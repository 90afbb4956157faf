// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <string_view>

#include "policies/seccomp.hpp"

namespace podsd::policies {
namespace {

using Names = std::vector<std::string>;
using Capabilities = std::set<std::string, std::less<>>;

// Calls that every program may make. Those that only some architectures have stand here too.
constexpr std::string_view common =
    "_llseek _newselect accept accept4 access adjtimex alarm arch_prctl arm_fadvise64_64 arm_sync_file_range "
    "bind breakpoint brk "
    "cachestat cacheflush capget capset chdir chmod chown chown32 clock_adjtime clock_adjtime64 clock_getres "
    "clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 close "
    "close_range connect "
    "copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait "
    "epoll_pwait2 "
    "epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 "
    "fadvise64 fadvise64_64 "
    "fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 "
    "fdatasync fgetxattr "
    "flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate "
    "ftruncate64 futex "
    "futex_requeue futex_time64 futex_wait futex_waitv futex_wake futimesat get_robust_list get_thread_area "
    "getcpu getcwd "
    "getdents getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer "
    "getpeername getpgid "
    "getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit "
    "getrusage getsid "
    "getsockname getsockopt gettid gettimeofday getuid getuid32 getxattr getxattrat inotify_add_watch "
    "inotify_init inotify_init1 "
    "inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup "
    "io_submit ioctl "
    "ioprio_get ioprio_set ipc kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown "
    "lchown32 lgetxattr "
    "link linkat listen listmount listxattr listxattrat llistxattr lremovexattr lseek lsetxattr lstat "
    "lstat64 madvise "
    "map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 "
    "mlockall mmap "
    "mmap2 modify_ldt mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 "
    "mq_timedsend "
    "mq_timedsend_time64 mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap "
    "name_to_handle_at "
    "nanosleep newfstatat open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc "
    "pkey_free pkey_mprotect "
    "poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6 "
    "pselect6_time64 pwrite64 pwritev "
    "pwritev2 read readahead readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg "
    "remap_file_pages "
    "removexattr removexattrat rename renameat renameat2 restart_syscall riscv_hwprobe rmdir rseq "
    "rt_sigaction rt_sigpending "
    "rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 "
    "rt_tgsigqueueinfo "
    "s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr sched_get_priority_max sched_get_priority_min "
    "sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval "
    "sched_rr_get_interval_time64 "
    "sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl "
    "semget semop "
    "semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto set_robust_list "
    "set_thread_area set_tid_address "
    "set_tls setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid "
    "setpriority setregid "
    "setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setsockopt "
    "setuid setuid32 "
    "setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 sigprocmask "
    "sigreturn "
    "socketpair splice stat stat64 statfs statfs64 statmount statx swapcontext symlink symlinkat sync "
    "sync_file_range "
    "sync_file_range2 syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun "
    "timer_gettime timer_gettime64 "
    "timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime "
    "timerfd_settime64 times "
    "tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat uretprobe utime utimensat "
    "utimensat_time64 utimes vfork "
    "vmsplice wait4 waitid waitpid write writev ptrace";

// Calls that nobody gets: large attack surface of the kernel, or state that containers would share.
constexpr std::string_view never =
    "add_key io_uring_enter io_uring_register io_uring_setup keyctl migrate_pages move_pages request_key "
    "userfaultfd";

struct Gated {
  std::string_view capability;
  std::string_view names;
};

// Calls that a container gets together with the capability which the kernel asks for; else EPERM.
constexpr Gated gated[] = {
    {"CAP_SYS_ADMIN",
     "bpf fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules "
     "lsm_set_self_attr mount "
     "mount_setattr move_mount open_tree perf_event_open pivot_root quotactl quotactl_fd setdomainname "
     "sethostname setns "
     "swapoff swapon syslog umount umount2 unshare"},
    {"CAP_BPF", "bpf"},
    {"CAP_CHECKPOINT_RESTORE", "kcmp"},
    {"CAP_DAC_READ_SEARCH", "open_by_handle_at"},
    {"CAP_PERFMON", "perf_event_open"},
    {"CAP_SYSLOG", "syslog"},
    {"CAP_SYS_BOOT", "kexec_file_load kexec_load reboot"},
    {"CAP_SYS_CHROOT", "chroot"},
    {"CAP_SYS_MODULE", "delete_module finit_module init_module"},
    {"CAP_SYS_NICE", "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"},
    {"CAP_SYS_PACCT", "acct"},
    {"CAP_SYS_PTRACE", "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev"},
    {"CAP_SYS_RAWIO", "ioperm iopl"},
    {"CAP_SYS_TIME", "clock_settime clock_settime64 settimeofday stime"},
    {"CAP_SYS_TTY_CONFIG", "vhangup"},
};

Names split(std::string_view list) {
  Names names;
  while (!list.empty()) {
    auto end = list.find(' ');
    names.emplace_back(list.substr(0, end));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return names;
}

SeccompRule allow(Names names, std::vector<SeccompArgument> arguments = {}) {
  return {std::move(names), SeccompAction::allow, {}, std::move(arguments)};
}

SeccompRule deny(Names names, std::vector<SeccompArgument> arguments = {}) {
  return {std::move(names), SeccompAction::error, EPERM, std::move(arguments)};
}

// The kernel takes these arguments as 32-bit integers and ignores what is above: so does the comparison.
SeccompArgument low_half(std::uint64_t mask, std::uint64_t value) {
  return {0, mask & 0xffffffff, value, SeccompOp::masked_equal};
}

void add_gated(const Capabilities& capabilities, std::vector<SeccompRule>& rules) {
  std::set<std::string, std::less<>> granted, refused;
  for (const Gated& gate : gated)
    for (std::string& name : split(gate.names))
      (capabilities.contains(gate.capability) ? granted : refused).insert(std::move(name));
  for (const auto& name : granted) refused.erase(name);
  if (!granted.empty()) rules.push_back(allow({granted.begin(), granted.end()}));
  if (!refused.empty()) rules.push_back(deny({refused.begin(), refused.end()}));
}

// clone(2) without any flag that makes a namespace; the time namespace's bit is a signal's number there.
void add_clone(const Capabilities& capabilities, std::vector<SeccompRule>& rules) {
  if (capabilities.contains("CAP_SYS_ADMIN")) {
    rules.push_back(allow({"clone", "clone3"}));
    return;
  }
  constexpr std::uint64_t flags[] = {0x00020000, 0x02000000, 0x04000000,
                                     0x08000000,                           // mount, cgroup, uts, ipc
                                     0x10000000, 0x20000000, 0x40000000};  // user, pid, net
  std::uint64_t all = 0;
  for (std::uint64_t flag : flags) {
    rules.push_back(deny({"clone"}, {low_half(flag, flag)}));
    all |= flag;
  }
  rules.push_back(allow({"clone"}, {low_half(all, 0)}));
}

// All families but AF_ALG (38), a way into the kernel's crypto code, and AF_VSOCK (40), which knows no
// network namespaces. Families with the same high bits share one comparison.
void add_socket(std::vector<SeccompRule>& rules) {
  struct Block {
    std::uint64_t mask, first;
  };
  for (auto [mask, first] : {Block{~0x1fU, 0}, Block{~0x3U, 32}, Block{~0x1U, 36}, Block{~0U, 39},
                             Block{~0U, 41}, Block{~0x1U, 42}, Block{~0x3U, 44}})
    rules.push_back(allow({"socket"}, {low_half(mask, first)}));
  for (std::uint64_t family : {38, 40}) rules.push_back(deny({"socket"}, {low_half(~0U, family)}));
}

// PER_LINUX, PER_LINUX32, both with UNAME26, and the question for the present one.
void add_personality(std::vector<SeccompRule>& rules) {
  for (std::uint64_t value : {0x0U, 0x8U, 0x20000U, 0x20008U, 0xffffffffU})
    rules.push_back(allow({"personality"}, {low_half(~0U, value)}));
}

}  // namespace

SeccompProfile default_seccomp_profile(const Capabilities& capabilities) {
  SeccompProfile profile;
  profile.default_action = SeccompAction::error;
  profile.default_error = ENOSYS;
  profile.rules.push_back(allow(split(common)));
  profile.rules.push_back(deny(split(never)));
  add_gated(capabilities, profile.rules);
  add_clone(capabilities, profile.rules);
  add_socket(profile.rules);
  add_personality(profile.rules);
  return profile;
}

}  // namespace podsd::policies
