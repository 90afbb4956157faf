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

inline constexpr uint32_t protocol_version = 4;
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
  spawn_held = 9,  ///< agent → sandbox (since version 4): Hold, then what a spawn has, and its fds
  claim = 10,      ///< agent → sandbox (since version 4): Claim
  attach = 11,     ///< agent → sandbox (since version 4): Attach, with the fds in, out, err and control
  attached = 12,   ///< sandbox → agent: Attached
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
/// the struct stand NUL-terminated strings: rootfs, overlay_options, argv…, envp…, and by twos a directory
/// and the options of an overlay that is mounted on it read-only, noexec, nosuid and nodev. Options that begin
/// with "/FOLDER:" have lower layers relative to that folder: mount(2) takes one page.
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

inline constexpr uint32_t max_name_bytes = 64;

/// What a container can be given that its sandbox holds for it.
enum HoldFlags : uint32_t {
  hold_stdin = 1,       ///< a standard input that stays open (core/v1 Container.stdin)
  hold_stdin_once = 2,  ///< until the first session that writes to it has ended (stdinOnce)
  hold_terminal = 4,    ///< a terminal (tty)
  hold_early = 8,       ///< its runtime waits at the gate itself, as with spawn_early
};

/// A child whose container's streams the sandbox holds and pumps for as long as they live: stdout and stderr,
/// among the fds, are the journal's streams and get what the container writes, as does every session. Without
/// a terminal the child has pipes in their place. With one the child, an OCI runtime, keeps the fds that
/// came; the one in the place of stdin is a listening socket to which it sends the terminal's master
/// (--console-socket). Errors beside those of a spawn: EMFILE, no room.
struct Hold {
  char name[max_name_bytes];  ///< of the container, ends with NUL
  uint32_t flags;             ///< of HoldFlags
  uint32_t owner;  ///< the host's uid that pipes belong to, for whom the child may open them by name
};

/// Whose first process the streams that are held under a name belong to, once the runtime has ended well.
/// Until then no other child is reaped, so that its end cannot overtake this. 0: there is none, they are
/// dropped.
struct Claim {
  char name[max_name_bytes];
  int32_t pid;  ///< in the sandbox's pid namespace
  uint32_t unused;
};

/// A session at a child. What the session writes to `in` reaches its standard input, and what it writes
/// reaches `out` and `err` from now on; a terminal's output is all `out`. For a child whose streams are not
/// held the fds but `control` are closed. `control` is a SOCK_SEQPACKET socket: the session's end sends
/// WindowSize, gets one SessionEnd, and closes it to leave.
struct Attach {
  uint64_t token;  ///< chosen by the agent, given back in Attached
  int32_t pid;     ///< in the sandbox's pid namespace
  uint32_t input;  ///< 1: the session has an input
};

struct Attached {
  uint64_t token;
  int32_t error;   ///< errno, 0 for success; ESRCH: no such child; EMFILE: too many sessions
  uint32_t flags;  ///< of HoldFlags, and whether there is something held at all
};

/// In Attached: the output comes to the session. Else it is the journal's alone.
inline constexpr uint32_t attached_output = 1U << 31;

struct WindowSize {
  uint16_t rows, columns;
};

struct SessionEnd {
  enum Why : uint32_t {
    child_ended = 0,
    too_slow = 1,  ///< it took nothing for as long as session_patience_ms, while the container waited
    closed = 2,    ///< its output has no reader any more
  } why;
  int32_t wait_status;  ///< of the child, as of waitpid(2)
};

inline constexpr int session_patience_ms = 10'000;

}  // namespace podsd::sandbox
