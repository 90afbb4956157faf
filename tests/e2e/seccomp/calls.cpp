// SPDX-License-Identifier: Apache-2.0
// Makes system calls in a container and compares what becomes of them with the default profile. Static, so
// that it runs in any image.
//
//   calls native [CAPABILITY...]   every call by its number, and every argument that a rule names, against
//   the profile for
//                                  the default capabilities and these
//   calls i386                     every number by int 0x80: each must end the caller by SIGSYS
//   calls x32                      the same by the x32 numbers
//
// No call is carried out: a filter of the program's own hands every call that the container's lets through to
// a supervising thread, which answers with an error number that the kernel never gives (seccomp_unotify(2)).
// The kernel asks all filters and takes the strictest answer, and an error is stricter than asking a
// supervisor (seccomp(2), "Filter return values").
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "policies/isolation.hpp"
#include "policies/seccomp.hpp"

namespace {

using namespace podsd::policies;

constexpr int numbers = 600;       // no architecture has more
constexpr int let_through = 3999;  // a number that is no errno
// uretprobe(2) and uprobe(2) of x86-64, which newer kernels let past every filter and answer with SIGILL.
constexpr long unfiltered[] = {335, 336};
constexpr std::uint64_t end = 0xe5d;  // getpid(2) with this argument ends the run

struct Call {
  long number;
  std::string name;
  std::uint64_t argument;
  int expected;  // errno
  int got = 0;
};

bool matches(const SeccompArgument& rule, std::uint64_t argument) {
  if (rule.index != 0) return false;
  return rule.op == SeccompOp::masked_equal ? (argument & rule.value) == rule.value_two
                                            : argument == rule.value;
}

bool matches(const SeccompRule& rule, const std::string& name, std::uint64_t argument) {
  if (std::ranges::find(rule.names, name) == rule.names.end()) return false;
  return rule.arguments.empty() || matches(rule.arguments.front(), argument);
}

int expected(const SeccompProfile& profile, const std::string& name, std::uint64_t argument) {
  for (const auto& rule : profile.rules)
    if (matches(rule, name, argument))
      return rule.action == SeccompAction::allow ? let_through : static_cast<int>(rule.error.value_or(EPERM));
  return static_cast<int>(profile.default_error.value_or(EPERM));
}

// Each value that a rule compares with, its neighbours, and the same with bits that the kernel does not look
// at.
std::vector<std::uint64_t> arguments_of(const SeccompProfile& profile, const std::string& name) {
  std::vector<std::uint64_t> values{0};
  for (const auto& rule : profile.rules) {
    if (rule.arguments.empty() || std::ranges::find(rule.names, name) == rule.names.end()) continue;
    const SeccompArgument& one = rule.arguments.front();
    const std::uint64_t value = one.op == SeccompOp::masked_equal ? one.value_two : one.value;
    for (std::uint64_t near : {value, value + 1, value - 1, value | std::uint64_t{1} << 40})
      values.push_back(near);
  }
  return values;
}

std::vector<Call> calls_of(const SeccompProfile& profile) {
  std::vector<Call> calls;
  for (long number = 0; number < numbers; ++number) {
    if (std::ranges::find(unfiltered, number) != std::end(unfiltered)) continue;
    char* known = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, static_cast<int>(number));
    const std::string name = known != nullptr ? known : "";
    std::free(known);
    for (std::uint64_t argument : arguments_of(profile, name))
      calls.push_back({number, name, argument, expected(profile, name, argument)});
  }
  return calls;
}

int ask_supervisor() {
  sock_filter instruction = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
  sock_fprog program = {1, &instruction};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
  return static_cast<int>(
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
}

// From the filter on this thread may do nothing but the calls in question: no lock, no allocation.
void make(std::vector<Call>& calls, std::atomic<int>& listener) {
  const int fd = ask_supervisor();
  listener = fd < 0 ? -1 : fd;
  if (fd < 0) return;
  for (Call& call : calls) {
    const long result = syscall(call.number, call.argument, 0, 0, 0, 0, 0);
    call.got = result == -1 ? errno : 0;
  }
  syscall(SYS_getpid, end);
  while (listener.load() >= 0) {  // for ever: not even exit(2) would come through
  }
}

// Answers until the last call comes.
bool supervise(int listener) {
  for (;;) {
    seccomp_notif asked = {};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0) return std::perror("cannot receive"), false;
    if (asked.data.nr == SYS_getpid && asked.data.args[0] == end) return true;
    seccomp_notif_resp answer = {asked.id, 0, -let_through, 0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0) return std::perror("cannot answer"), false;
  }
}

int report(const std::vector<Call>& calls) {
  int wrong = 0;
  for (const Call& call : calls)
    if (call.got != call.expected && ++wrong <= 50)
      std::printf("%s (%ld) with %#lx: %d, not %d\n", call.name.c_str(), call.number,
                  static_cast<unsigned long>(call.argument), call.got, call.expected);
  std::printf("%zu calls, %d not as the profile says\n", calls.size(), wrong);
  std::fflush(stdout);
  return wrong == 0 ? 0 : 1;
}

[[noreturn]] void native(char** names) {
  std::set<std::string, std::less<>> capabilities(default_capabilities.begin(), default_capabilities.end());
  for (; *names != nullptr; ++names) capabilities.insert(*names);
  std::vector<Call> calls = calls_of(default_seccomp_profile(capabilities));
  std::atomic<int> listener{0};
  std::thread caller(make, std::ref(calls), std::ref(listener));
  int fd;
  while ((fd = listener) == 0) {
  }
  if (fd < 0 || !supervise(fd)) _exit(2);
  _exit(report(calls));  // the other thread never ends
}

void call_i386(int number) {
#if defined(__x86_64__)
  int result;
  asm volatile("int $0x80"
               : "=a"(result)
               : "a"(number), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
               : "memory", "r8", "r9", "r10", "r11");
#endif
}

void call_x32(int number) {
  constexpr long x32_bit = 0x40000000;
  syscall(number | x32_bit, 0, 0, 0, 0, 0, 0);
}

int ended_by(void (*call)(int number), int number) {
  const pid_t child = fork();
  if (child == 0) {
    call(number);
    _exit(0);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

int foreign(void (*call)(int number)) {
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  int wrong = 0;
  for (int number = 0; number < numbers; ++number)
    if (int signal = ended_by(call, number); signal != SIGSYS && ++wrong <= 50)
      std::printf("%d: signal %d\n", number, signal);
  std::printf("%d calls, %d not ended by SIGSYS\n", numbers, wrong);
  return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "native") native(argv + 2);
  if (what == "i386") return foreign(call_i386);
  if (what == "x32") return foreign(call_x32);
  std::fputs("usage: calls native [CAPABILITY...] | i386 | x32\n", stderr);
  return 2;
}
