// SPDX-License-Identifier: Apache-2.0
// The status of a pod as core/v1 PodStatus tells it, as plain values. It is derived from the pod's State
// (step.hpp) and never stored on its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace podsd::units {

/// Microseconds since the epoch, CLOCK_REALTIME; pure code gets it as an argument. 0 means "not yet".
using Instant = std::int64_t;

enum class Phase { pending, running, succeeded, failed };

/// core/v1 PodCondition; the types are PodScheduled, Initialized, ContainersReady, Ready, and podsd's own
/// "LimitsBound" (False: a limit cannot bind on this host) and "ManifestValid" (False: the file on disk is
/// refused).
struct Condition {
  std::string type;
  bool status = false;
  Instant last_transition = 0;
  std::string reason;
  std::string message;
  bool operator==(const Condition&) const = default;
};

/// core/v1 ContainerStateTerminated
struct Terminated {
  int exit_code = 0;
  int signal = 0;           ///< 0: it exited by itself
  std::string reason = {};  ///< "Completed", "Error", "OOMKilled", "ContainerCannotRun", …
  std::string message = {};
  Instant started_at = 0;
  Instant finished_at = 0;
  std::string container_id = {};
  bool operator==(const Terminated&) const = default;
};

/// core/v1 ContainerState: exactly one of the three.
struct ContainerState {
  enum class Kind { waiting, running, terminated } kind = Kind::waiting;
  std::string
      reason;  ///< of waiting: "PodInitializing", "ContainerCreating", "CrashLoopBackOff", "Stopped", …
  std::string message;     ///< of waiting
  Instant started_at = 0;  ///< of running
  std::optional<Terminated> terminated;
  bool operator==(const ContainerState&) const = default;
};

/// core/v1 ContainerStatus
struct ContainerStatus {
  std::string name;
  std::string image;
  std::string image_id;      ///< its digest, "sha256:…"; empty before the image was found
  std::string container_id;  ///< "podsd://<pod uid>/<container>/<attempt>"
  std::string unit;          ///< its scope
  bool ready = false;
  bool started = false;
  std::uint32_t restart_count = 0;
  ContainerState state;
  std::optional<Terminated> last_state;
  int pid = 0;  ///< of its init while it runs, else 0
  bool operator==(const ContainerStatus&) const = default;
};

/// core/v1 PodStatus
struct PodStatus {
  Phase phase = Phase::pending;
  std::string reason;
  std::string message;
  std::string qos_class;  ///< "Guaranteed", "Burstable", "BestEffort"
  std::string host_ip;
  std::uint32_t first_id = 0;        ///< of the host's ids that are the pod's own; 0: it has none
  std::vector<std::string> pod_ips;  ///< the primary one first
  Instant start_time = 0;
  std::vector<Condition> conditions;
  std::vector<ContainerStatus> init_containers;
  std::vector<ContainerStatus> containers;
  bool operator==(const PodStatus&) const = default;
};

}  // namespace podsd::units
