// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/cli/command.hpp"
#include "agent/cli/images.hpp"

namespace podsd::cli {

struct PlanOptions {
  std::string file;
  std::string store = default_store;
};

/// `podsctl plan FILE`: for each pod its units with every property that systemd will be asked for, and each
/// container's OCI configuration, as the agent of this node would make them with its podsd.yaml. Nothing is
/// started or made. Needs no agent. A container whose image is not in the store has no configuration: that is
/// told, and Exit::failed.
int plan(const PlanOptions& options, const Terminal& terminal);

}  // namespace podsd::cli
