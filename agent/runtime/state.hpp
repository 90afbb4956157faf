// SPDX-License-Identifier: Apache-2.0
// What the runtime keeps of a container between its commands: ROOT/ID/ with state.json, the configuration as
// it was at create, and the socket on which a created container waits for its start. Root's alone (0700).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

struct State {
  std::string id;
  std::string bundle;  ///< absolute
  int pid = 0;         ///< of the container's init; 0 while it is being created
  std::uint64_t start_time =
      0;                ///< of that process, in clock ticks since boot: a pid alone may be another's by now
  std::string created;  ///< RFC 3339
  std::map<std::string, std::string> annotations;
  std::string cgroup;  ///< its own, from the hierarchy's root on; empty: it has none
  std::string scope;   ///< systemd's unit of it; empty: made without systemd
  bool hooks = false;  ///< the configuration has some that run after create
};

/// The version of the specification that this runtime follows.
inline constexpr const char* oci_version = "1.2.0";

/// runtime.md, "State".
enum class Status { creating, created, running, stopped, paused };
[[nodiscard]] const char* text(Status status);

/// runtime.md's "State" as JSON, as hooks and others get it; `pid` as those see it.
[[nodiscard]] std::string state_text(const State& state, Status status, int pid);

/// One container's folder.
class Folder {
 public:
  Folder(const std::string& root, const std::string& id) : path_(root + "/" + id), root_(root) {}

  /// Makes it. Errors: a container of that id exists (EEXIST).
  [[nodiscard]] Result<void> make() const;
  [[nodiscard]] Result<void> save(const State& state) const;
  /// Errors: no such container (ENOENT).
  [[nodiscard]] Result<State> load() const;
  [[nodiscard]] Result<void> save_config(const std::string& text) const;
  [[nodiscard]] Result<std::string> load_config() const;
  /// Removes it, with what the runtime put there.
  void remove() const;

  [[nodiscard]] Status status(const State& state) const;

  /// The socket that a created container's init accepts one connection on. Listening.
  [[nodiscard]] Result<UniqueFd> listen_for_start() const;
  /// Connects to it. Errors: nobody listens.
  [[nodiscard]] Result<UniqueFd> connect_to_start() const;
  /// The container has been started.
  void forget_start() const;

 private:
  std::string path_, root_;
};

/// The ids of the containers below a root.
[[nodiscard]] std::vector<std::string> container_ids(const std::string& root);

/// A process's start time, from field 22 of /proc/PID/stat (proc(5)); 0 for one that is gone, or dead and not
/// yet reaped.
[[nodiscard]] std::uint64_t start_time_of(int pid);

/// The container's init, if it still is that process. Errors: it is gone (ESRCH).
[[nodiscard]] Result<UniqueFd> open_init(const State& state);

}  // namespace podsd::runtime
