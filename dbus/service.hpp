// SPDX-License-Identifier: Apache-2.0
// The published interface. Object /org/podsd1, interface org.podsd1.Manager:
//
//   ListPods(s namespace) → s        JSON array of core/v1 Pods, "" for all namespaces, sorted by namespace
//   and name GetPod(s namespace, s name) → s  JSON of one; error org.podsd1.Error.NoSuchPod StartPod,
//   StopPod, RestartPod (s namespace, s name, s container)   container "" means the whole pod; the reply
//                                    comes when it is done (StopPod: when everything has ended)
//   Exec(s namespace, s name, s container, as command, u rows, u columns, ah fds) → ah pidfd
//                                    container "" means the first. fds are stdin, stdout, stderr and the
//                                    writing end of a pipe that gets the command's wait status (an int32 as
//                                    of waitpid(2)), whatever becomes of the agent; a fifth, an unbound
//                                    stream socket, asks for a terminal of that size and is made to listen
//                                    for its master (SCM_RIGHTS). The reply comes when the command runs; the
//                                    list is empty where it has ended already
//   Attach(s namespace, s name, s container, b input, ah fds) → s container, b output, b input, b terminal
//                                    a session at a container that runs; container "" means the first. fds
//                                    are a pipe to read from (used where `input` is true), two to write
//                                    stdout and stderr to, and a SOCK_SEQPACKET socket for window sizes and
//                                    the end (agent/sandbox/protocol.hpp); whatever becomes of the agent. The
//                                    reply says what the container has; without `output` it writes to the
//                                    journal only
//   PullImage(s reference, ah progress) → s image
//                                    into the store, the reply comes when it is there: JSON {name, digest,
//                                    id, size}. progress: none, or a SOCK_SEQPACKET socket that gets a packet
//                                    of a few words whenever it is further ("1048576 of 73400320 bytes",
//                                    "unpacking"); nobody waits for it to be read
//   OpenRoot(s namespace, s name, s container) → h root, u uid, u gid
//                                    the root of a container that runs (O_PATH), and the user that it runs as
//   property Version s, NPods u
//
// Object /org/podsd1/pod/<namespace>_2f<name> (escaped as systemd escapes bus labels), interface
// org.podsd1.Pod:
//   properties Namespace s, Name s, Phase s (PropertiesChanged is sent), Slice s, Manifest s (path of its
//   file) methods Start(), Stop(), Restart(), Get() → s
//
// Every method but the reading ones is for root only (bus policy, and checked again here by the caller's
// uid); others get org.podsd1.Error.AccessDenied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::dbus {

/// What Error::subject may say to choose the D-Bus error name org.podsd1.Error.<subject>; anything else is
/// "Failed".
inline constexpr const char* error_no_such_pod = "NoSuchPod";
inline constexpr const char* error_no_such_container = "NoSuchContainer";
inline constexpr const char* error_failed = "Failed";

/// Another process in a container.
struct ExecCall {
  std::string ns, name;
  std::string container;  ///< empty: the pod's first
  std::vector<std::string> command;
  std::uint32_t rows = 0, columns = 0;  ///< of its terminal; 0: unknown
};

/// Where the file descriptors of an Exec stand in their list; the console may be missing.
enum ExecFd : std::size_t { exec_stdin, exec_stdout, exec_stderr, exec_status, exec_console, exec_fds };

/// A session at a container.
struct AttachCall {
  std::string ns, name;
  std::string container;  ///< empty: the pod's first
  bool input = false;     ///< something comes from the first file descriptor
};

/// Where the file descriptors of an Attach stand in their list.
enum AttachFd : std::size_t { attach_in, attach_out, attach_err, attach_control, attach_fds };

/// What a session has.
struct Attached {
  std::string container;
  bool output = false;  ///< else the output is in the journal only
  bool input = false, terminal = false;
};

/// The root of a container that runs, and the user that it runs as.
struct ContainerRoot {
  int fd = -1;     ///< O_PATH
  int users = -1;  ///< its user namespace (user_namespaces(7)), in which uid and gid are numbers
  std::uint32_t uid = 0, gid = 0;
};

/// What the published interface asks of the agent. Called from the loop; each `reply` must be called exactly
/// once. Error::subject "NoSuchPod", "NoSuchContainer" or "Failed" chooses the D-Bus error name.
struct Handlers {
  using Reply = std::function<void(Result<std::string>)>;  ///< JSON, or "" for verbs
  enum class Verb { start, stop, restart };
  std::function<Result<std::string>(const std::string& ns)> list_pods;
  std::function<Result<std::string>(const std::string& ns, const std::string& name)> get_pod;
  std::function<void(Verb, std::string ns, std::string name, std::string container, Reply)> act;
  /// `started` gets a pidfd, or -1 where the process has ended already; it stays the handler's. The file
  /// descriptors, four or five of them, become the handler's, which closes them.
  using ExecStarted = std::function<void(Result<int>)>;
  std::function<void(ExecCall call, std::vector<int> fds, ExecStarted started)> exec = nullptr;
  /// The file descriptors, four of them, become the handler's, which closes them.
  std::function<void(AttachCall call, std::vector<int> fds, std::function<void(Result<Attached>)> done)>
      attach = nullptr;
  /// The file descriptor becomes the handler's, which closes it; -1: none.
  std::function<void(std::string reference, int progress, Reply)> pull_image = nullptr;
  /// The file descriptor stays the handler's.
  using RootOpened = std::function<void(const Result<ContainerRoot>&)>;
  std::function<void(std::string ns, std::string name, std::string container, RootOpened opened)> open_root =
      nullptr;
};

/// What is published of one pod.
struct PublishedPod {
  std::string ns;
  std::string name;
  std::string phase;
  std::string slice;
  std::string manifest;
  bool operator==(const PublishedPod&) const = default;
};

class Service {
 public:
  virtual ~Service() = default;
  /// Sets what answers; before it every call is answered with an error.
  virtual void serve(Handlers handlers) = 0;
  /// Adds the pod's object, or updates its properties (PropertiesChanged only for what changed).
  virtual void publish(const PublishedPod& pod) = 0;
  virtual void withdraw(const std::string& ns, const std::string& name) = 0;
};

}  // namespace podsd::dbus
