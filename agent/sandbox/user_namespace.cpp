// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox/user_namespace.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/sandbox/report.hpp"

namespace podsd::sandbox {
namespace {

constexpr int exit_failure = 1;
constexpr const char* failed = "cannot make the pod's user namespace";

bool read_byte(int fd) {
  char byte;
  ssize_t n;
  do n = read(fd, &byte, 1);
  while (n < 0 && errno == EINTR);
  return n == 1;
}

// Lives until the sandbox has entered what it made.
[[noreturn]] void hold(int flags, int ready, int over) {
  if (unshare(CLONE_NEWUSER | flags) < 0) die(failed, "unshare", exit_failure);
  if (write(ready, "1", 1) != 1) _exit(exit_failure);
  read_byte(over);
  _exit(0);
}

void write_text(const char* path, const char* text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  const ssize_t size = static_cast<ssize_t>(strlen(text));
  if (fd < 0 || write(fd, text, strlen(text)) != size) die(failed, path, exit_failure);
  close(fd);
}

/// Without stdio, which is larger than the rest of the program.
const char* of_process(int pid, const char* name) {
  static char path[64];
  char digits[12];
  char* first = digits + sizeof digits - 1;
  *first = '\0';
  for (; pid > 0; pid /= 10) *--first = static_cast<char>('0' + pid % 10);
  stpcpy(stpcpy(stpcpy(stpcpy(path, "/proc/"), first), "/"), name);
  return path;
}

void enter(int pid, const char* name, int flag) {
  const char* path = of_process(pid, name);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || setns(fd, flag) < 0) die(failed, path, exit_failure);
  close(fd);
}

// As in <linux/mount.h>, which the C library's headers here do not have.
struct MountAttributes {
  uint64_t set, clear, propagation, userns_fd;
};
constexpr uint64_t mount_attr_idmap = 0x00100000;
constexpr unsigned open_tree_clone = 1, at_empty_path = 0x1000;
// A layer may be named by a link: MOVE_MOUNT_F_EMPTY_PATH and MOVE_MOUNT_T_SYMLINKS.
constexpr unsigned from_fd_through_links = 0x14;

void idmap(const char* dir, int user, int exit_status) {
  MountAttributes attributes = {mount_attr_idmap, 0, 0, static_cast<uint64_t>(user)};
  const int mount = static_cast<int>(syscall(SYS_open_tree, AT_FDCWD, dir, open_tree_clone | O_CLOEXEC));
  if (mount < 0) die("cannot mount a layer with the pod's ids", dir, exit_status);
  const bool mapped =
      syscall(SYS_mount_setattr, mount, "", at_empty_path, &attributes, sizeof attributes) == 0;
  // EPERM: a layer that two images share is mapped already (mount_setattr(2)).
  if (mapped ? syscall(SYS_move_mount, mount, "", AT_FDCWD, dir, from_fd_through_links) < 0 : errno != EPERM)
    die("cannot mount a layer with the pod's ids", dir, exit_status);
  close(mount);
}

}  // namespace

void make_user_namespace(const char* first_id, const char* file, int flags) {
  int ready[2], over[2];
  if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(over, O_CLOEXEC) < 0) die(failed, nullptr, exit_failure);
  const int pid = _Fork();
  if (pid < 0) die(failed, "fork", exit_failure);
  if (pid == 0) {
    close(over[1]);
    hold(flags, ready[1], over[0]);
  }
  close(ready[1]);
  close(over[0]);
  if (!read_byte(ready[0])) _exit(exit_failure);  // it has said why
  char map[64];
  if (strlen(first_id) > 10) die(failed, first_id, exit_failure);  // as a number of 32 bits has
  stpcpy(stpcpy(stpcpy(map, "0 "), first_id), " 65536\n");
  write_text(of_process(pid, "uid_map"), map);
  write_text(of_process(pid, "gid_map"), map);
  if (mount(of_process(pid, "ns/user"), file, nullptr, MS_BIND, nullptr) < 0) die(failed, file, exit_failure);
  if ((flags & CLONE_NEWIPC) != 0) enter(pid, "ns/ipc", CLONE_NEWIPC);
  if ((flags & CLONE_NEWUTS) != 0) enter(pid, "ns/uts", CLONE_NEWUTS);
  if ((flags & CLONE_NEWNET) != 0) enter(pid, "ns/net", CLONE_NEWNET);
  close(ready[0]);
  close(over[1]);
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void idmap_layers(char* overlay_options, const char* file, int exit_status) {
  constexpr char key[] = "lowerdir=";
  if (strncmp(overlay_options, key, sizeof key - 1) != 0) return;
  const int user = open(file, O_RDONLY | O_CLOEXEC);
  if (user < 0) die("cannot open the pod's user namespace", file, exit_status);
  char* dir = overlay_options + sizeof key - 1;
  for (;;) {
    char* end = dir + strcspn(dir, ":,");
    const char delimiter = *end;
    *end = '\0';
    idmap(dir, user, exit_status);
    *end = delimiter;
    if (delimiter != ':') break;
    dir = end + 1;
  }
  close(user);
}

}  // namespace podsd::sandbox
