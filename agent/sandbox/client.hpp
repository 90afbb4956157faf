// SPDX-License-Identifier: Apache-2.0
// The agent's end of a pod's sandbox: starts the process, speaks the protocol, loses nothing over reconnects.
#pragma once

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::sandbox {

/// How a pod's sandbox is to be made.
struct SandboxOptions {
  std::string program;  ///< path of podsd-sandbox
  std::filesystem::path
      dir;  ///< the pod's folder below /run/podsd (exists, 0700); the socket is dir/"sandbox.sock"
  std::string hostname;  ///< of the uts namespace; empty: the host's uts namespace is kept (host network)
  bool host_network = false;   ///< false: a network namespace of its own with loopback up
  std::uint32_t first_id = 0;  ///< of the 65,536 ids of a user namespace of its own; 0: the host's
  std::string user_file;       ///< an existing file that this namespace is bound to
  /// tmpfs mounts made in the sandbox's mount namespace, seen by every container of the pod.
  struct Tmpfs {
    std::string target;   ///< an existing directory
    std::string options;  ///< data of mount(2), "size=67108864,mode=0777"
  };
  std::vector<Tmpfs> tmpfs;
  int stderr_fd = -1;  ///< where its own messages go (a journal stream)
};

/// A process just started: it waits for `gate` before it does anything. Dropping the gate unopened ends it.
struct Started {
  UniqueFd pidfd;
  int pid = -1;
  UniqueFd gate;
};

/// Forks podsd-sandbox. It inherits nothing but 0 (/dev/null), 1 and 2 and its own socket; it listens before
/// this returns, so that a connect cannot race. It leaves every session and process group of the caller
/// (setsid).
[[nodiscard]] Result<Started> start_sandbox(const SandboxOptions& options);

/// Opens a gate: the process behind it goes on. One that has ended already is no error here: its exit tells
/// why. The caller ignores SIGPIPE.
[[nodiscard]] Result<void> open_gate(const UniqueFd& gate);

/// What the sandbox holds for a container: see Hold in protocol.hpp.
struct HeldStreams {
  std::string container;  ///< its name, at most 63 bytes
  bool input = false, input_once = false, terminal = false;
  std::uint32_t owner = 0;  ///< the host's uid that pipes belong to
};

/// An overlay mount.
struct Overlay {
  std::string target;   ///< a directory
  std::string options;  ///< data of mount(2)
};

struct SpawnRequest {
  std::string rootfs;           ///< directory that gets the overlay
  std::string overlay_options;  ///< data of mount(2), see protocol.hpp; empty: no mount
  std::vector<Overlay>
      images;  ///< read-only ones, without execution; of no use to a sandbox of an earlier podsd
  std::vector<std::string> argv;
  /// Executed at once in place of argv, with the gate as fd 3, to wait there itself; empty, or with a sandbox
  /// of an earlier podsd: argv, once the gate is open.
  std::vector<std::string> early_argv;
  std::vector<std::string> env;
  UniqueFd stdin_fd, stdout_fd, stderr_fd;
  std::optional<HeldStreams> held = {};  ///< else the child's streams are those three, and nobody's else
};

/// A session at a container; see Attach in protocol.hpp.
struct SessionRequest {
  int pid = -1;        ///< of the container's first process
  bool input = false;  ///< something comes from `in`
  UniqueFd in, out, err, control;
};

/// One child's end.
struct Exit {
  std::uint64_t serial = 0;
  int pid = -1;
  int wait_status = 0;
  std::int64_t realtime_ns = 0;
};

/// One connection to one sandbox. Single-threaded: every callback comes from the loop, none from inside a
/// call.
class Client {
 public:
  virtual ~Client() = default;

  /// Called once, when the sandbox has made its namespaces.
  std::function<void()> on_ready;
  /// Called for every exit, in the order of their serials; those that happened while nobody was connected
  /// come first.
  std::function<void(const Exit&)> on_exit;
  /// The connection ended (the sandbox died, or broke the protocol). Nothing is called after it.
  std::function<void(const Error&)> on_closed;

  /// Asks for a child behind a gate of its own. `done` gets its pidfd, pid and gate.
  virtual void spawn(SpawnRequest request, std::function<void(Result<Started>)> done) = 0;

  /// Hands the end of a child to whoever reads the pipe `status`: its wait status, an int32_t. No Exit comes
  /// for it after `done`, which gets its pidfd, empty where it had ended before. Errors: ESRCH, no such
  /// child; a sandbox of an earlier podsd.
  virtual void watch(int pid, UniqueFd status, std::function<void(Result<UniqueFd>)> done) = 0;

  /// Says whose streams those are that the sandbox holds under a container's name, once its runtime has ended
  /// well: the container's first process's, or nobody's (pid 0). Nothing else is reaped before.
  virtual void claim(const std::string& container, int pid) = 0;

  /// Adds a session; it lives without this connection. `done` gets HoldFlags of protocol.hpp. Errors: ESRCH,
  /// no such child; EMFILE, too many of them; a sandbox of an earlier podsd.
  virtual void attach(SessionRequest request, std::function<void(Result<std::uint32_t>)> done) = 0;

  /// The exit is recorded; the sandbox may forget it.
  virtual void acknowledge(std::uint64_t serial) = 0;
};

/// Connects to dir/"sandbox.sock" and checks that the peer is root. Errors: ECONNREFUSED/ENOENT where no
/// sandbox lives. Nothing is read before `on_exit` is set and the loop runs.
[[nodiscard]] Result<std::unique_ptr<Client>> connect_sandbox(boost::asio::io_context& io,
                                                              const std::filesystem::path& dir);

}  // namespace podsd::sandbox
