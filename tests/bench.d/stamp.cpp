// SPDX-License-Identifier: Apache-2.0
// The benchmarks' clock, static so that it runs in any root. It writes CLOCK_MONOTONIC, which machine and
// containers share, as decimal nanoseconds:
//
//   stamp first FILE                a container's first instruction: writes the time, waits for SIGTERM
//   stamp exec FILE PROGRAM ARG...  writes the time and becomes the program
//   stamp rename FILE FROM TO       writes the time and renames
//   stamp lines NUMBER BEGUN ENDED  the time, that many short lines to stdout, a write(2) each, the time
//   stamp now FILE                  writes the time
//   stamp await FILE SECONDS        waits until FILE holds a time
//   stamp warm CGROUP               moves itself into that cgroup again and again, until it is killed
//   stamp took PROGRAM ARG... [, PROGRAM ARG...]   runs one after the other, prints the microseconds
//   stamp evict FILE...             drops the files from the page cache
//   stamp -P                        waits for SIGTERM, as catatonit does with that option
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

long long now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int keep(const char* file, long long time) {
  char text[32];
  const int n = std::snprintf(text, sizeof text, "%lld\n", time);
  const int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0 || write(fd, text, static_cast<std::size_t>(n)) != n) return std::perror(file), 1;
  close(fd);
  return 0;
}

int wait_for_end() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_SETMASK, &set, nullptr);
  int received = 0;
  return sigwait(&set, &received);
}

int lines(const char* file, long number) {
  char text[32];
  for (long i = 1; i <= number; ++i) {
    const int n = std::snprintf(text, sizeof text, "line %ld\n", i);
    if (write(STDOUT_FILENO, text, static_cast<std::size_t>(n)) != n) return std::perror("stdout"), 1;
  }
  return keep(file, now_ns());
}

int await(const char* file, long seconds) {
  const long long end = now_ns() + seconds * 1000000000LL;
  const timespec pause{0, 2'000'000};
  for (; now_ns() < end; nanosleep(&pause, nullptr)) {
    const int fd = open(file, O_RDONLY | O_CLOEXEC);
    char c = 0;
    const bool there = fd >= 0 && read(fd, &c, 1) == 1;
    if (fd >= 0) close(fd);
    if (there) return 0;
  }
  std::fprintf(stderr, "stamp: nothing in %s after %ld seconds\n", file, seconds);
  return 1;
}

// Moving a process into a cgroup begins with an RCU grace period, unless one has just been moved (rcu_sync in
// the kernel).
int warm(const char* cgroup) {
  char file[512];
  std::snprintf(file, sizeof file, "%s/cgroup.procs", cgroup);
  const timespec pause{0, 2'000'000};
  for (;; nanosleep(&pause, nullptr)) {
    const int fd = open(file, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1) return std::perror(file), 1;
    close(fd);
  }
}

int run(char** argv) {
  pid_t child = 0;
  int status = 0;
  if (posix_spawn(&child, argv[0], nullptr, nullptr, argv, environ) != 0) return std::perror(argv[0]), 1;
  if (waitpid(child, &status, 0) != child) return std::perror("waitpid"), 1;
  return status == 0 ? 0 : (std::fprintf(stderr, "stamp: %s failed\n", argv[0]), 1);
}

int took(char** words) {
  const long long start = now_ns();
  while (*words != nullptr) {
    char** end = words;
    while (*end != nullptr && std::strcmp(*end, ",") != 0) ++end;
    char** next = *end == nullptr ? end : end + 1;
    *end = nullptr;
    if (run(words) != 0) return 1;
    words = next;
  }
  std::printf("%lld\n", (now_ns() - start) / 1000);
  return 0;
}

// Pages that a running program has mapped stay.
int evict(char** files) {
  for (; *files != nullptr; ++files) {
    const int fd = open(*files, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fdatasync(fd) != 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
      return std::perror(*files), 1;
    close(fd);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const long long start = now_ns();
  if (argc > 1 && std::strcmp(argv[1], "-P") == 0) return wait_for_end();
  const char* what = argc > 2 ? argv[1] : "";
  if (std::strcmp(what, "first") == 0) return keep(argv[2], start) != 0 || wait_for_end() != 0;
  if (std::strcmp(what, "now") == 0) return keep(argv[2], start);
  if (std::strcmp(what, "warm") == 0) return warm(argv[2]);
  if (std::strcmp(what, "took") == 0) return took(argv + 2);
  if (std::strcmp(what, "evict") == 0) return evict(argv + 2);
  if (std::strcmp(what, "await") == 0 && argc > 3) return await(argv[2], std::atol(argv[3]));
  if (std::strcmp(what, "lines") == 0 && argc > 4)
    return keep(argv[3], start) != 0 || lines(argv[4], std::atol(argv[2]));
  if (std::strcmp(what, "rename") == 0 && argc > 4)
    return keep(argv[2], now_ns()) != 0 || std::rename(argv[3], argv[4]) != 0;
  if (std::strcmp(what, "exec") == 0 && argc > 3 && keep(argv[2], now_ns()) == 0) execvp(argv[3], argv + 3);
  std::fprintf(stderr, "stamp: cannot %s; see the head of its source\n", what);
  return 2;
}
