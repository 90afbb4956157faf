// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox/isolate.hpp"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/sandbox/report.hpp"
#include "agent/sandbox/user_namespace.hpp"

namespace podsd::sandbox {
namespace {

constexpr int exit_usage = 64;
constexpr int exit_failure = 1;

void bring_loopback_up() {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("cannot open a socket for the loopback interface", nullptr, exit_failure);
  ifreq request = {};
  memcpy(request.ifr_name, "lo", 3);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(fd, SIOCSIFFLAGS, &request) < 0) die("cannot bring loopback up", nullptr, exit_failure);
  close(fd);
}

void mount_tmpfs(const char* target, const char* options) {
  if (mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
    die("cannot mount a tmpfs", target, exit_failure);
}

// As in <linux/mount.h>, which the C library's headers here do not have.
struct MountAttributes {
  uint64_t set, clear, propagation, userns_fd;
};
constexpr uint64_t mount_attr_read_only = 1;

// Programs run from such a mount cannot be written through /proc/PID/exe by what they start.
void make_read_only(const char* dir) {
  MountAttributes attributes = {mount_attr_read_only, 0, 0, 0};
  if (mount(dir, dir, nullptr, MS_BIND, nullptr) < 0 ||
      syscall(SYS_mount_setattr, AT_FDCWD, dir, 0, &attributes, sizeof attributes) < 0)
    die("cannot make a directory read-only", dir, exit_failure);
}

void make_mounts(char** word, char** end) {
  for (; word < end; ++word) {
    if (strcmp(*word, "--tmpfs") == 0) {
      mount_tmpfs(word[1], word[2]);
      word += 2;
    } else if (strcmp(*word, "--read-only") == 0) {
      make_read_only(*++word);
    } else if (strcmp(*word, "--hostname") == 0) {
      ++word;
    } else if (strcmp(*word, "--user-ids") == 0) {
      word += 2;
    }
  }
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  options.begin = argv + 1;
  options.end = argv + argc;
  for (char** word = options.begin; word < options.end; ++word) {
    long left = options.end - word - 1;
    if (strcmp(*word, "--hostname") == 0 && left >= 1) {
      options.hostname = *++word;
    } else if (strcmp(*word, "--host-network") == 0) {
      options.host_network = true;
    } else if (strcmp(*word, "--user-ids") == 0 && left >= 2) {
      options.first_id = *++word;
      options.user_file = *++word;
    } else if (strcmp(*word, "--read-only") == 0 && left >= 1) {
      ++word;
    } else if (strcmp(*word, "--tmpfs") == 0 && left >= 2) {
      word += 2;
    } else {
      report("unknown or incomplete option", *word, 0);
      _exit(exit_usage);
    }
  }
  return options;
}

void isolate(const Options& options) {
  int flags = CLONE_NEWIPC;
  if (options.hostname != nullptr) flags |= CLONE_NEWUTS;
  if (!options.host_network) flags |= CLONE_NEWNET;
  const bool own_users = options.first_id != nullptr;
  if (unshare(own_users ? CLONE_NEWNS : CLONE_NEWNS | flags) < 0)
    die("cannot make the pod's namespaces", nullptr, exit_failure);
  if (mount(nullptr, "/", nullptr, MS_SLAVE | MS_REC, nullptr) < 0)
    die("cannot make the mount tree a slave", nullptr, exit_failure);
  if (own_users) make_user_namespace(options.first_id, options.user_file, flags);
  if (!options.host_network) bring_loopback_up();
  if (options.hostname != nullptr && sethostname(options.hostname, strlen(options.hostname)) < 0)
    die("cannot set the hostname", options.hostname, exit_failure);
  make_mounts(options.begin, options.end);
}

}  // namespace podsd::sandbox
