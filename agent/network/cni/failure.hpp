// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "agent/network/cni/json.hpp"

namespace podsd::network::cni {

/// How a run of a plugin went.
struct PluginEnd {
  enum class How { ended, took_too_long, wrote_too_much } how = How::ended;
  int wait_status = 0;  ///< of wait(2), for one that ended
  std::string out, err;

  [[nodiscard]] bool good() const { return how == How::ended && wait_status == 0; }
};

/// Codes of errors that a runtime acts on (section 2, "Error").
inline constexpr int invalid_environment = 4;

struct PluginFailure {
  int code = 0;  ///< of the specification or the plugin's own; 0 where it said none
  std::string text;
};

/// What a plugin says of its failure: its error (msg, details and code) as JSON, which the specification
/// wants on standard output and some write to standard error; else the last line of standard error, else of
/// standard output; else how it ended.
[[nodiscard]] PluginFailure failure_of(const PluginEnd& end, std::chrono::milliseconds deadline);

/// Whether a plugin that knows no such command refused it: plugins of the time before 1.1.0 call GC and
/// STATUS an unknown CNI_COMMAND, with the code for invalid environment variables.
[[nodiscard]] bool command_unknown(const PluginFailure& failure);

}  // namespace podsd::network::cni
