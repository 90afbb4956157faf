// SPDX-License-Identifier: Apache-2.0
// Work on bytes that somebody else chose, in a process that can do nothing else with this machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::image {

/// What the work gives: any text. It is handed a folder's fd, the only place where it can write.
using ConfinedWork = std::function<Result<std::string>(int folder)>;

/// Runs `work` in a child process, and gives what it gave. The child cannot make, change or remove a file but
/// below `folder`: every mount is read-only in its mount namespace, but for a copy of the one with the folder
/// (mount_setattr(2), open_tree(2)), and Landlock (landlock(7), where the kernel has it) denies writing
/// elsewhere through fds that are open already. It has no network and no IPC but the pipe of its answer,
/// keeps the capabilities that unpacking takes (CHOWN DAC_OVERRIDE FOWNER FSETID MKNOD SETFCAP, and SYS_ADMIN
/// for trusted.overlay.*), gains none by exec, and a seccomp filter refuses it programs, sockets, mounts,
/// namespaces, modules and the like. It is killed with SIGKILL after `time`, and with its parent. To be
/// called as root. Errors: the work's own words, as one line; ETIME; a child that died, or that says more
/// than 32 MiB.
[[nodiscard]] Result<std::string> confined(int folder, std::chrono::seconds time, const ConfinedWork& work);

/// A program for confined_program().
struct ConfinedProgram {
  std::vector<std::string> argv;         ///< the program first, looked for in the system's folders
  std::vector<std::string> environment;  ///< all of it
  std::uint64_t largest_file = 0;        ///< bytes; it is ended by SIGXFSZ beyond (setrlimit(2))
};

/// Runs a program in the same way, in `folder`, with nothing to read but files, of the capabilities only
/// DAC_READ_SEARCH and SYS_ADMIN, and at most 4 GiB of memory. What it makes is its owner's alone. Errors:
/// the last line of what it says; EFBIG; not installed; ETIME.
[[nodiscard]] Result<void> confined_program(int folder, std::chrono::seconds time,
                                            const ConfinedProgram& program);

}  // namespace podsd::image
