// SPDX-License-Identifier: Apache-2.0
// What `get pods` says of one pod, from its core/v1 object: the columns that kubectl's printer shows. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/cli/json_access.hpp"
#include "agent/cli/table.hpp"

namespace podsd::cli {

struct PodRow {
  std::string ns;
  std::string name;
  std::string ready;     ///< "1/2"
  std::string status;    ///< "Running", "CrashLoopBackOff", "Init:0/1", "OOMKilled", "Terminating", …
  std::string restarts;  ///< "0", "3 (10s ago)"
  std::string age;
  std::string ip;     ///< all of them, or "<none>"
  std::string ports;  ///< "8080->80/TCP,53/UDP", or "<none>"
};

/// `now` in microseconds since the epoch.
[[nodiscard]] PodRow pod_row(const Json& pod, std::int64_t now);

/// How a STATUS is to be coloured.
[[nodiscard]] Tone status_tone(const std::string& status);

/// What a reader must know beside the table, one line each, without the pod's name: a manifest on disk that
/// was refused (condition ManifestValid False), a limit that cannot bind (LimitsBound False).
[[nodiscard]] std::vector<std::string> pod_notes(const Json& pod);

}  // namespace podsd::cli
