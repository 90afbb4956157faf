// SPDX-License-Identifier: Apache-2.0
// The default profile as the kernel sees it: the compiled filter, run call by call.
#include "policies/seccomp.hpp"

#include <linux/audit.h>
#include <seccomp.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "tests/policies/bpf.hpp"

namespace podsd::policies {
namespace {

using Capabilities = std::set<std::string, std::less<>>;

constexpr std::uint32_t allowed = SECCOMP_RET_ALLOW;
constexpr std::uint32_t refused = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t unknown = SECCOMP_RET_ERRNO | ENOSYS;

// The program, through a file that has no name.
std::string compile(const SeccompProfile& profile) {
  FILE* file = std::tmpfile();
  const bool compiled = compile_seccomp(profile, fileno(file)).has_value();
  BOOST_REQUIRE(compiled);
  std::string program(1 << 20, '\0');
  std::rewind(file);
  program.resize(std::fread(program.data(), 1, program.size(), file));
  std::fclose(file);
  return program;
}

struct Filter {
  explicit Filter(const SeccompProfile& profile) : program(tests::instructions(compile(profile))) {}
  explicit Filter(const Capabilities& capabilities = {}) : Filter(default_seccomp_profile(capabilities)) {}

  std::uint32_t number(int call, std::vector<std::uint64_t> arguments = {},
                       std::uint32_t architecture = AUDIT_ARCH_X86_64) const {
    seccomp_data data = {};
    data.nr = call;
    data.arch = architecture;
    std::copy(arguments.begin(), arguments.end(), data.args);
    return tests::run_filter(program, data);
  }
  std::uint32_t operator()(const char* call, std::vector<std::uint64_t> arguments = {}) const {
    return number(seccomp_syscall_resolve_name(call), std::move(arguments));
  }

  std::vector<sock_filter> program;
};

// The action that the profile's data give a name whose rules have no arguments.
std::uint32_t by_data(const SeccompProfile& profile, const std::string& name) {
  for (const auto& rule : profile.rules)
    if (std::ranges::find(rule.names, name) != rule.names.end())
      return rule.action == SeccompAction::allow ? allowed : SECCOMP_RET_ERRNO | rule.error.value_or(EPERM);
  return unknown;
}

bool has_arguments(const SeccompProfile& profile, const std::string& name) {
  return std::ranges::any_of(profile.rules, [&](const SeccompRule& rule) {
    return !rule.arguments.empty() && std::ranges::find(rule.names, name) != rule.names.end();
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_call_gets_what_the_profile_says) {
  const SeccompProfile profile = default_seccomp_profile({});
  const Filter filter(profile);
  int known = 0;
  for (int call = 0; call < 600; ++call) {
    char* name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, call);
    if (name == nullptr) {
      BOOST_TEST(filter.number(call) == unknown, "an unknown call: " << call);
      continue;
    }
    ++known;
    if (!has_arguments(profile, name)) BOOST_TEST(filter(name) == by_data(profile, name), name);
    std::free(name);
  }
  BOOST_TEST(known > 350);
}

BOOST_AUTO_TEST_CASE(other_entries_of_the_kernel_are_closed) {
  const Filter filter;
  for (int call = 0; call < 600; ++call) {
    BOOST_TEST(filter.number(call, {}, AUDIT_ARCH_I386) == SECCOMP_RET_KILL_PROCESS);
    BOOST_TEST(filter.number(call | 0x40000000) == SECCOMP_RET_KILL_PROCESS, "x32 " << call);
  }
}

BOOST_AUTO_TEST_CASE(dangerous_calls) {
  const Filter filter;
  for (const char* call : {"mount",
                           "umount2",
                           "pivot_root",
                           "setns",
                           "unshare",
                           "bpf",
                           "perf_event_open",
                           "init_module",
                           "finit_module",
                           "kexec_load",
                           "reboot",
                           "swapon",
                           "open_by_handle_at",
                           "keyctl",
                           "add_key",
                           "request_key",
                           "userfaultfd",
                           "io_uring_setup",
                           "io_uring_enter",
                           "settimeofday",
                           "process_vm_readv",
                           "fsopen",
                           "move_mount",
                           "syslog",
                           "iopl"})
    BOOST_TEST(filter(call) == refused, call);
  for (const char* call : {"clone3", "vserver", "nfsservctl", "create_module", "uselib", "sysfs", "_sysctl"})
    BOOST_TEST(filter(call) == unknown, call);
  for (const char* call : {"read", "execve", "openat2", "futex", "epoll_wait", "ptrace", "setresuid",
                           "capset", "landlock_restrict_self"})
    BOOST_TEST(filter(call) == allowed, call);
}

BOOST_AUTO_TEST_CASE(a_capability_opens_its_calls) {
  const Filter filter(Capabilities{"CAP_SYS_ADMIN", "CAP_SYS_TIME"});
  for (const char* call : {"mount", "unshare", "setns", "clone3", "bpf", "settimeofday"})
    BOOST_TEST(filter(call) == allowed, call);
  BOOST_TEST(filter("clone", {0x10000000}) == allowed);
  for (const char* call : {"init_module", "reboot", "keyctl", "io_uring_setup"})
    BOOST_TEST(filter(call) == refused, call);
  BOOST_TEST(Filter(Capabilities{"CAP_BPF"})("bpf") == allowed);
  BOOST_TEST(Filter(Capabilities{"CAP_SYS_CHROOT"})("chroot") == allowed);
}

BOOST_AUTO_TEST_CASE(clone_makes_no_namespaces) {
  const Filter filter;
  constexpr std::uint64_t sigchld = 17;
  BOOST_TEST(filter("clone", {sigchld}) == allowed);
  BOOST_TEST(filter("clone", {0x003d0f00}) == allowed);  // as a thread
  for (std::uint64_t flag : {0x00020000ULL, 0x02000000ULL, 0x04000000ULL, 0x08000000ULL, 0x10000000ULL,
                             0x20000000ULL, 0x40000000ULL}) {
    BOOST_TEST(filter("clone", {flag | sigchld}) == refused);
    BOOST_TEST(filter("clone", {flag | sigchld | (1ULL << 40)}) == refused);
  }
}

BOOST_AUTO_TEST_CASE(families_of_sockets) {
  const Filter filter;
  for (std::uint64_t family = 0; family < 48; ++family) {
    const bool closed = family == 38 || family == 40;
    BOOST_TEST(filter("socket", {family, 1, 0}) == (closed ? refused : allowed), "family " << family);
    // The kernel looks at the low half only.
    BOOST_TEST(filter("socket", {family | (1ULL << 32), 1, 0}) == (closed ? refused : allowed),
               "family " << family);
  }
  BOOST_TEST(filter("socket", {48, 1, 0}) == unknown);
}

BOOST_AUTO_TEST_CASE(personalities) {
  const Filter filter;
  for (std::uint64_t usual : {0x0ULL, 0x8ULL, 0x20000ULL, 0x20008ULL, 0xffffffffULL})
    BOOST_TEST(filter("personality", {usual}) == allowed);
  for (std::uint64_t odd : {0x40000ULL, 0x400000ULL, 0x1ULL})
    BOOST_TEST(filter("personality", {odd}) == unknown);
}

BOOST_AUTO_TEST_CASE(profiles_of_others) {
  SeccompProfile profile;
  profile.default_action = SeccompAction::allow;
  profile.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  profile.rules = {
      {{"getcwd", "no_such_call"}, SeccompAction::error, 75, {}},
      {{"chmod"}, SeccompAction::kill_process, {}, {}},
      {{"chown"}, SeccompAction::log, {}, {}},
      {{"kill"}, SeccompAction::error, 11, {{1, 9, 0, SeccompOp::equal}, {0, 5, 0, SeccompOp::greater}}}};
  FILE* nowhere = std::fopen("/dev/null", "w");
  const auto notes = compile_seccomp(profile, fileno(nowhere)).value();
  BOOST_TEST(notes.unknown == std::vector<std::string>{"no_such_call"});
  const Filter filter(profile);
  BOOST_TEST(filter("getcwd") == (SECCOMP_RET_ERRNO | 75U));
  BOOST_TEST(filter("chmod") == SECCOMP_RET_KILL_PROCESS);
  BOOST_TEST(filter("chown") == SECCOMP_RET_LOG);
  BOOST_TEST(filter("kill", {6, 9}) == (SECCOMP_RET_ERRNO | 11U));
  BOOST_TEST(filter("kill", {5, 9}) == allowed);
  BOOST_TEST(filter("kill", {6, 8}) == allowed);
  BOOST_TEST(filter.number(183, {}, AUDIT_ARCH_I386) == (SECCOMP_RET_ERRNO | 75U));  // getcwd there
  profile.architectures = {"SCMP_ARCH_NONE"};
  BOOST_TEST(!compile_seccomp(profile, fileno(nowhere)).has_value());
  std::fclose(nowhere);
}

}  // namespace podsd::policies
