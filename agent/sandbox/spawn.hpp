// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>

#include "agent/sandbox/protocol.hpp"

namespace podsd::sandbox {

/// What ends a child that never got to its program.
inline constexpr int exit_gate_closed = 125;
inline constexpr int exit_not_started = 126;

/// A Spawn packet taken apart; the texts stay in the packet's buffer.
struct Child {
  const char* rootfs;
  char* overlay_options;
  char** argv;       ///< ends with null, at least one word
  char** envp;       ///< ends with null
  char* images;      ///< targets and options of further overlays, each text with its NUL
  char* images_end;  ///< behind the last
  bool early;        ///< it waits at the gate itself
};

/// Order of the fds that come with a Spawn packet.
struct ChildFds {
  int gate, in, out, err;
};

/// Reads the payload of a Spawn packet. False if the sizes in it do not fit.
[[nodiscard]] bool parse_spawn(const Spawn& spawn, char* strings, size_t size, Child& child);

/// Forks the child, which then waits at its gate, or executes its program to do so. Gives 0 or an errno;
/// `pidfd` and `pid` are set on success. The fds remain the caller's.
[[nodiscard]] int start_child(const Child& child, const ChildFds& fds, int& pidfd, int& pid);

/// The layers of every overlay are mounted with the ids of the user namespace at `file`.
void use_user_namespace(const char* file);

}  // namespace podsd::sandbox
