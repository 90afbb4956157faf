// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/cli/command.hpp"

namespace podsd::cli {

/// One port of this machine's loopback that leads to one of the pod's.
struct Forward {
  std::uint16_t local = 0;  ///< 0: any that is free
  std::uint16_t remote = 0;
  bool operator==(const Forward&) const = default;
};

/// "8080:80", "80" (the same on both sides), ":80" (any local port). Absent for anything else.
[[nodiscard]] std::optional<Forward> parse_forward(const std::string& text);

struct PortForwardOptions {
  std::string pod;
  std::string ns = "default";
  std::vector<Forward> forwards;
};

/// `podsctl port-forward`: leads TCP connections to 127.0.0.1 and [::1] here to 127.0.0.1, else [::1], in the
/// pod's network, which programs that listen on the pod's loopback only can be reached by. It enters the
/// pod's network as it is at each connection, so it outlives the pod's restarts. Returns on SIGINT and
/// SIGTERM, or with an error: no such pod, a local port that is taken. Needs root.
int port_forward(const PortForwardOptions& options, const Connect& connect, const Terminal& terminal);

}  // namespace podsd::cli
