// SPDX-License-Identifier: Apache-2.0
// The container's terminal (config-linux.md, "/dev/console"): a pseudoterminal of its own devpts.
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "agent/runtime/console.hpp"
#include "agent/runtime/mount_calls.hpp"
#include "agent/runtime/root_path.hpp"
#include "agent/runtime/setup.hpp"

namespace podsd::runtime {
namespace {

// Unix98 slaves (kernel, admin-guide/devices.txt).
constexpr unsigned master_major = 5, master_minor = 2;
constexpr unsigned first_slave_major = 136, last_slave_major = 143;

bool on_devpts(const UniqueFd& fd, struct stat& status) {
  struct statfs filesystem = {};
  return fstatfs(fd.get(), &filesystem) == 0 && filesystem.f_type == DEVPTS_SUPER_MAGIC &&
         fstat(fd.get(), &status) == 0 && S_ISCHR(status.st_mode);
}

// What stands at /dev/pts/ptmx may be the image's or a volume's: it is one only if devpts says so.
Result<UniqueFd> open_master(const UniqueFd& root) {
  open_how how = {};
  how.flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS;
  // Looked at before it is opened: the open of another device or of a fifo would do something, or block.
  auto place = open_in_root(root, "/dev/pts/ptmx", true);
  if (!place) return place;
  struct stat status = {};
  if (!on_devpts(*place, status) || status.st_rdev != makedev(master_major, master_minor))
    return fail("not the master of a devpts", "/dev/pts/ptmx");
  UniqueFd master(static_cast<int>(syscall(SYS_openat2, root.get(), "dev/pts/ptmx", &how, sizeof how)));
  if (!master) return fail("cannot open", "/dev/pts/ptmx", errno);
  if (!on_devpts(master, status) || status.st_rdev != makedev(master_major, master_minor))
    return fail("not the master of a devpts", "/dev/pts/ptmx");
  return master;
}

// Opened through the master (ioctl_tty(2), TIOCGPTPEER), not by a path.
Result<UniqueFd> open_slave(const UniqueFd& master) {
  int unlock = 0;
  if (ioctl(master.get(), TIOCSPTLCK, &unlock) < 0) return fail("cannot unlock the terminal", {}, errno);
  UniqueFd slave(ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave) return fail("cannot open the terminal", {}, errno);
  struct stat status = {};
  if (!on_devpts(slave, status) || major(status.st_rdev) < first_slave_major ||
      major(status.st_rdev) > last_slave_major)
    return fail("not a terminal of a devpts");
  return slave;
}

Result<void> bind_console(const UniqueFd& root, const UniqueFd& slave) {
  auto copy = clone_mount(slave.get(), "", false);
  if (!copy) return std::unexpected(copy.error());
  auto made = make_file_in_root(root, "/dev/console");
  if (!made) return std::unexpected(made.error());
  auto target = open_in_root(root, "/dev/console", true);
  if (!target) return std::unexpected(target.error());
  return attach_mount(*copy, *target);
}

Result<void> become_terminal(const UniqueFd& slave, std::uint32_t uid) {
  if (fchown(slave.get(), uid, static_cast<gid_t>(-1)) < 0)
    return fail("cannot give the terminal to the user", {}, errno);
  if (ioctl(slave.get(), TIOCSCTTY, 0) < 0) return fail("cannot make it the controlling terminal", {}, errno);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (dup2(slave.get(), fd) < 0) return fail("cannot duplicate the terminal", {}, errno);
  return {};
}

Result<void> open_terminal(Setup& setup, const OpenTerminal& op) {
  // Who has entered a container has its root as his own. It is not kept open: see BecomeUser.
  UniqueFd own(setup.root ? -1 : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd& root = setup.root ? setup.root : own;
  auto master = open_master(root);
  if (!master) return std::unexpected(master.error());
  auto slave = open_slave(*master);
  if (!slave) return std::unexpected(slave.error());
  winsize size = {};
  size.ws_row = op.rows;
  size.ws_col = op.columns;
  if ((op.rows != 0 || op.columns != 0) && ioctl(master->get(), TIOCSWINSZ, &size) < 0)
    return fail("cannot set the terminal's size", {}, errno);
  if (op.console)
    if (auto done = bind_console(root, *slave); !done) return fail("/dev/console", {}, done.error());
  if (auto done = send_master(*setup.console, *master); !done) return done;
  return become_terminal(*slave, op.uid);
}

}  // namespace

Result<void> apply(Setup& setup, const OpenTerminal& op) {
  auto done = open_terminal(setup, op);
  if (!done) return fail("terminal", {}, done.error());
  return {};
}

}  // namespace podsd::runtime
