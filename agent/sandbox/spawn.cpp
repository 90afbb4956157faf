// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox/spawn.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/sandbox/report.hpp"
#include "agent/sandbox/user_namespace.hpp"

namespace podsd::sandbox {
namespace {

constexpr size_t max_words = 2048;
char* words[max_words + 2];  // argv and envp, each with its null

const char* user_file;  // null: the host's ids

// After it only 0, 1, 2 and the gate (as 3) are open. Received fds never are below 4, because the sandbox
// keeps 0..3 open all its life, so no dup3 here overwrites one that is still needed.
void keep_only(const ChildFds& fds, bool keep_gate) {
  dup2(fds.in, STDIN_FILENO);
  dup2(fds.out, STDOUT_FILENO);
  dup2(fds.err, STDERR_FILENO);
  dup3(fds.gate, 3, keep_gate ? 0 : O_CLOEXEC);
  syscall(SYS_close_range, 4, ~0U, 0);
}

void reset_signals() {
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// The sandbox protects itself from the OOM killer; what it starts must not inherit that.
void reset_oom_score() {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (write(fd, "0", 1) < 0) report("cannot reset oom_score_adj", nullptr, errno);
  close(fd);
}

void wait_at_gate(int gate) {
  char go;
  ssize_t n;
  do n = read(gate, &go, 1);
  while (n < 0 && errno == EINTR);
  if (n != 1) _exit(exit_gate_closed);
}

// "/FOLDER:lowerdir=A:B…": layers named from that folder.
char* enter_folder(char* options) {
  char* end = *options == '/' ? strchr(options, ':') : nullptr;
  if (end == nullptr) return options;
  *end = '\0';
  if (chdir(options) < 0) die("cannot enter the folder of layers", options, exit_not_started);
  return end + 1;
}

void mount_overlay(const char* target, char* options, unsigned long flags) {
  options = enter_folder(options);
  if (user_file != nullptr) idmap_layers(options, user_file, exit_not_started);
  if (mount("overlay", target, "overlay", flags, options) < 0)
    die("cannot mount the overlay", target, exit_not_started);
  if (chdir("/") < 0) die("cannot leave the folder of layers", nullptr, exit_not_started);
}

void mount_images(const Child& child) {
  for (char* next = child.images; next != child.images_end;) {
    char* target = next;
    char* options = target + strlen(target) + 1;
    next = options + strlen(options) + 1;
    mount_overlay(target, options, MS_RDONLY | MS_NOEXEC | MS_NOSUID | MS_NODEV);
  }
}

[[noreturn]] void run(const Child& child, const ChildFds& fds) {
  keep_only(fds, child.early);
  reset_signals();
  reset_oom_score();
  if (unshare(CLONE_NEWNS) < 0) die("cannot make a mount namespace", nullptr, exit_not_started);
  if (mount(nullptr, "/", nullptr, MS_PRIVATE | MS_REC, nullptr) < 0)
    die("cannot make the mount tree private", nullptr, exit_not_started);
  if (*child.overlay_options != '\0') mount_overlay(child.rootfs, child.overlay_options, 0);
  mount_images(child);
  if (!child.early) wait_at_gate(3);
  execve(child.argv[0], child.argv, child.envp);
  die("cannot execute", child.argv[0], exit_not_started);
}

}  // namespace

bool parse_spawn(const Spawn& spawn, char* strings, size_t size, Child& child) {
  if (size == 0 || strings[size - 1] != '\0') return false;
  if (spawn.argc == 0 || spawn.argc > max_words || spawn.envc > max_words - spawn.argc) return false;
  char* next = strings;
  const char* end = strings + size;
  auto take = [&]() -> char* {
    if (next >= end) return nullptr;
    char* text = next;
    next += strlen(next) + 1;
    return text;
  };
  child.rootfs = take();
  child.overlay_options = take();
  child.argv = words;
  child.envp = words + spawn.argc + 1;
  for (uint32_t i = 0; i < spawn.argc; ++i) child.argv[i] = take();
  for (uint32_t i = 0; i < spawn.envc; ++i) child.envp[i] = take();
  child.argv[spawn.argc] = nullptr;
  child.envp[spawn.envc] = nullptr;
  bool complete = child.overlay_options != nullptr && child.argv[spawn.argc - 1] != nullptr &&
                  (spawn.envc == 0 || child.envp[spawn.envc - 1] != nullptr);
  child.images = next;
  child.images_end = strings + size;
  while (complete && next != end) complete = take() != nullptr && take() != nullptr;
  return complete;
}

void use_user_namespace(const char* file) {
  user_file = file;
}

int start_child(const Child& child, const ChildFds& fds, int& pidfd, int& pid) {
  pid = _Fork();
  if (pid < 0) return errno;
  if (pid == 0) run(child, fds);
  // The number cannot be taken by another process meanwhile: only this process reaps.
  pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (pidfd >= 0) return 0;
  int error = errno;
  kill(pid, SIGKILL);
  return error;
}

}  // namespace podsd::sandbox
