// SPDX-License-Identifier: Apache-2.0
// Runs as a container's program and tells what it sees. Static, so that it needs nothing but itself in a
// root.
//
//   probe see                     everything below as one JSON object
//   probe call NUMBER [ARG...]    makes that system call; prints its result and errno
//   probe wait [EXIT]             prints "ready", waits for a signal that can be waited for, prints its
//   number and ends
//                                 with EXIT (default: the number)
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

extern char** environ;

namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
    out += c < 0x20 || c == '"' || c == '\\' || c > 0x7e ? escaped : std::string(1, static_cast<char>(c));
  }
  return out + '"';
}

std::string list(const std::vector<std::string>& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : ", ") + value;
  return "[" + out + "]";
}

// One member of the object, on a line of its own.
void tell(const char* name, const std::string& value) {
  static bool first = true;
  std::printf("%s\n %s: %s", first ? "{" : ",", quoted(name).c_str(), value.c_str());
  first = false;
}
void tell(const char* name, long value) {
  tell(name, std::to_string(value));
}

std::string content(const char* path) {
  std::string text(1 << 18, '\0');
  std::size_t size = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  for (ssize_t got = 1;
       fd >= 0 && got > 0 && size<text.size(); size += got> 0 ? static_cast<std::size_t>(got) : 0)
    got = read(fd, text.data() + size, text.size() - size);
  if (fd >= 0) close(fd);
  text.resize(size);
  return text;
}

std::string target(const std::string& link) {
  char buffer[4096];
  ssize_t size = readlink(link.c_str(), buffer, sizeof buffer);
  return size < 0 ? "" : std::string(buffer, static_cast<std::size_t>(size));
}

void tell_words(const char* name, char** words) {
  std::vector<std::string> all;
  for (; *words != nullptr; ++words) all.push_back(quoted(*words));
  tell(name, list(all));
}

void tell_user() {
  uid_t uid[3];
  gid_t gid[3], groups[1024];
  getresuid(&uid[0], &uid[1], &uid[2]);
  getresgid(&gid[0], &gid[1], &gid[2]);
  std::vector<std::string> uids, gids, more;
  for (int i = 0; i < 3; ++i) {
    uids.push_back(std::to_string(uid[i]));
    gids.push_back(std::to_string(gid[i]));
  }
  int count = getgroups(1024, groups);
  for (int i = 0; i < count; ++i) more.push_back(std::to_string(groups[i]));
  tell("uid", list(uids));
  tell("gid", list(gids));
  tell("groups", list(more));
  mode_t mask = umask(0);
  tell("umask", static_cast<long>(mask));
}

void tell_limits() {
  constexpr const char* names[] = {"CPU",      "FSIZE",  "DATA",    "STACK", "CORE",  "RSS",
                                   "NPROC",    "NOFILE", "MEMLOCK", "AS",    "LOCKS", "SIGPENDING",
                                   "MSGQUEUE", "NICE",   "RTPRIO",  "RTTIME"};
  std::vector<std::string> all;
  for (int i = 0; i < static_cast<int>(RLIM_NLIMITS); ++i) {
    rlimit limit = {};
    getrlimit(static_cast<__rlimit_resource_t>(i), &limit);
    all.push_back(quoted(std::string("RLIMIT_") + names[i]) + ": [" + std::to_string(limit.rlim_cur) + ", " +
                  std::to_string(limit.rlim_max) + "]");
  }
  std::string object = list(all);
  tell("rlimits", "{" + object.substr(1, object.size() - 2) + "}");
}

struct Attributes {  // sched_getattr(2); glibc 2.36 has no name for it
  std::uint32_t size, policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime, deadline, period;
  std::uint32_t minimum, maximum;
};

void tell_scheduling() {
  Attributes attributes = {};
  syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0);
  tell("policy", attributes.policy);
  tell("sched_flags", static_cast<long>(attributes.flags));
  tell("nice", attributes.nice);
  tell("priority", attributes.priority);
  tell("sched_times", list({std::to_string(attributes.runtime), std::to_string(attributes.deadline),
                            std::to_string(attributes.period)}));
  tell("ioprio", syscall(SYS_ioprio_get, 1, 0));
  cpu_set_t cpus;
  std::vector<std::string> all;
  if (sched_getaffinity(0, sizeof cpus, &cpus) == 0)
    for (int i = 0; i < CPU_SETSIZE; ++i)
      if (CPU_ISSET(i, &cpus)) all.push_back(std::to_string(i));
  tell("cpus", list(all));
  tell("personality", personality(0xffffffff));
}

void tell_names() {
  utsname names = {};
  uname(&names);
  tell("hostname", quoted(names.nodename));
  tell("domainname", quoted(names.domainname));
  tell("machine", quoted(names.machine));
  for (const char* one : {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"})
    tell((std::string("ns_") + one).c_str(), quoted(target(std::string("/proc/self/ns/") + one)));
}

void tell_fds() {
  std::vector<std::string> all;
  DIR* folder = opendir("/proc/self/fd");
  while (const dirent* entry = folder != nullptr ? readdir(folder) : nullptr) {
    if (entry->d_name[0] == '.' || std::atoi(entry->d_name) == dirfd(folder)) continue;
    all.push_back(entry->d_name);
  }
  if (folder != nullptr) closedir(folder);
  tell("fds", list(all));
  winsize size = {};
  ioctl(0, TIOCGWINSZ, &size);
  tell("tty", list({std::to_string(isatty(0)), std::to_string(isatty(1)), std::to_string(isatty(2))}));
  tell("size", list({std::to_string(size.ws_row), std::to_string(size.ws_col)}));
  int terminal = open("/dev/tty", O_RDWR | O_NOCTTY);
  tell("controlling", terminal >= 0 ? 1 : 0);
  tell("session", getsid(0));
}

void tell_time() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  tell("monotonic", time.tv_sec);
  clock_gettime(CLOCK_BOOTTIME, &time);
  tell("boottime", time.tv_sec);
}

int see(char** words) {
  tell_fds();
  tell_words("args", words);
  tell_words("env", environ);
  tell("cwd", quoted(target("/proc/self/cwd")));
  tell("pid", getpid());
  tell_user();
  tell_limits();
  tell_scheduling();
  tell_names();
  tell_time();
  for (const char* file : {"status", "mountinfo", "oom_score_adj", "cgroup", "uid_map", "gid_map"})
    tell(file, quoted(content((std::string("/proc/self/") + file).c_str())));
  std::printf("\n}\n");
  return 0;
}

int call(char** words) {
  long arguments[7] = {};
  for (int i = 0; i < 7 && words[i] != nullptr; ++i)
    arguments[i] = static_cast<long>(std::strtoull(words[i], nullptr, 0));
  errno = 0;
  long result = syscall(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5],
                        arguments[6]);
  std::printf("%ld %d\n", result, errno);
  return 0;
}

int wait_for_signal(const char* exit) {
  sigset_t all;
  sigfillset(&all);
  sigdelset(&all, SIGCHLD);
  sigprocmask(SIG_BLOCK, &all, nullptr);
  std::printf("ready\n");
  std::fflush(stdout);
  int signal = 0;
  sigwait(&all, &signal);
  std::printf("%d\n", signal);
  return exit != nullptr ? std::atoi(exit) : signal;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "see") return see(argv);
  if (what == "call" && argc > 2) return call(argv + 2);
  if (what == "wait") return wait_for_signal(argv[2]);
  std::fputs("usage: probe see | call NUMBER [ARG...] | wait [EXIT]\n", stderr);
  return 2;
}
