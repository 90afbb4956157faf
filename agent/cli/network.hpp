// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/cli/command.hpp"
#include "agent/cli/get.hpp"

namespace podsd::cli {

struct NetworkOptions {
  std::string config = "/etc/podsd/podsd.yaml";
  std::string state = "/var/lib/podsd";  ///< where the agent keeps pods' addresses
  Output output = Output::table;
};

/// `podsctl network inspect`: ranges, bridge, and what each pod has. It asks the kernel and the agent's
/// record, and needs no agent.
int network_inspect(const NetworkOptions& options, const Terminal& terminal);

/// `podsctl network check`: what is wrong, in words; Exit::failed where something is. Needs root.
int network_check(const NetworkOptions& options, const Terminal& terminal);

}  // namespace podsd::cli
