// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/cli/command.hpp"

namespace podsd::cli {

struct LogsOptions {
  std::string pod;
  std::string container;  ///< empty: chosen as kubectl does
  std::string ns = "default";
  bool follow = false;
  bool timestamps = false;
  bool previous = false;
  std::optional<std::uint64_t> tail;             ///< lines
  std::optional<std::int64_t> since;             ///< microseconds before now
  std::string journal;                           ///< directory of journal files; empty: this machine's
  std::string units_dir = "/run/systemd/units";  ///< where PID 1 keeps the invocation ids of live units
};

/// `podsctl logs`: the lines of one run of a container, read from the journal. Where the agent is not
/// running: every line that the journal has of it. `now` in microseconds since the epoch.
int logs(const LogsOptions& options, const Connect& connect, const Terminal& terminal, std::int64_t now);

}  // namespace podsd::cli
