// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "agent/engine/types.hpp"
#include "units/plan.hpp"

namespace podsd::agent {

/// Reads podsd.yaml into the node's facts and the runtimes that pods may choose; a file that is not there
/// leaves the defaults. Errors: every diagnostic of spec/config.hpp.
[[nodiscard]] Result<void> read_config(const std::filesystem::path& path, units::NodeFacts& node,
                                       engine::Runtimes& runtimes, spec::NetworkConfig& network);

}  // namespace podsd::agent
