// SPDX-License-Identifier: Apache-2.0
// The words between podsd and a pod's podsd-sandbox, over one SOCK_SEQPACKET unix socket. Each packet is one
// Header followed by its payload; all numbers are in host order, since both ends are on one machine and of
// one build or an earlier one (`protocol_version`). This header is used by the static sandbox: no C++ library
// (hence <stdint.h>), no allocation.
//
// A packet with a wrong size, an unknown type or too many fds ends the connection, never the sandbox.
#pragma once

#include <stdint.h>

namespace podsd::sandbox {

inline constexpr uint32_t protocol_version = 3;
inline constexpr uint32_t max_packet_bytes = 64 * 1024;

enum class Type : uint32_t {
  hello = 1,    ///< sandbox → agent, first packet on each connection: Hello
  spawn = 2,    ///< agent → sandbox: Spawn, strings, and fds: gate, stdin, stdout, stderr (in this order)
  spawned = 3,  ///< sandbox → agent: Spawned, with one pidfd where error is 0
  exited = 4,  ///< sandbox → agent: Exited, for every child; sent again on each connection until acknowledged
  ack = 5,     ///< agent → sandbox: Ack, forgets the exit of that serial
  watch = 6,        ///< agent → sandbox (since version 2): Watch, with one fd, the writing end of a pipe
  watched = 7,      ///< sandbox → agent: Watched, with one pidfd where the child lives
  spawn_early = 8,  ///< agent → sandbox (since version 3): as spawn, but the program waits at the gate itself
};

struct Header {
  Type type;
  uint32_t size;  ///< of the payload behind the header
};

struct Hello {
  uint32_t version;
  int32_t pid;  ///< the sandbox's own, as it sees itself
};

/// Asks for one child. It unshares its mount namespace (all mounts private), mounts `overlay_options` as an
/// overlay on `rootfs` where they are not empty, waits until one byte can be read from the gate (end of file:
/// it exits with 125), and execs argv[0] (an absolute path) with exactly stdin, stdout, stderr open. So the
/// container's root is seen by no other process and goes away with the container, and only podsd's own code
/// runs before the gate opens. A failure before the exec is written to stderr as one line and ends the child
/// with 126. With spawn_early the program is executed at once, has the gate as fd 3, and must do nothing
/// before the byte comes: what it needs until then counts as the sandbox's, not as the container's. Behind
/// the struct stand NUL-terminated strings: rootfs, overlay_options, argv…, envp….
struct Spawn {
  uint64_t token;  ///< chosen by the agent, given back in Spawned
  uint32_t argc;
  uint32_t envc;
};

struct Spawned {
  uint64_t token;
  int32_t error;  ///< errno, 0 for success
  int32_t pid;    ///< in the sandbox's pid namespace
};

/// One child (spawned, or inherited as subreaper) has ended and was reaped.
struct Exited {
  uint64_t serial;      ///< counts from 1 over the sandbox's life
  int32_t pid;          ///< in the sandbox's pid namespace
  int32_t wait_status;  ///< as of waitpid(2)
  int64_t realtime_ns;  ///< CLOCK_REALTIME when it was reaped
};

struct Ack {
  uint64_t serial;
};

/// Hands the end of a child to somebody else: its wait status (int32_t, as of waitpid(2)) is written to the
/// pipe, which is closed then. It is not reported as an Exited any more; one that was reported already is
/// forgotten, and its status is written at once. So whoever waits at the pipe does not need the agent.
struct Watch {
  uint64_t token;  ///< chosen by the agent, given back in Watched
  int32_t pid;     ///< in the sandbox's pid namespace
  int32_t unused;
};

struct Watched {
  uint64_t token;
  int32_t error;  ///< errno, 0 for success; ESRCH: no such child
  int32_t unused;
};

}  // namespace podsd::sandbox
