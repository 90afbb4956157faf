// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "units/plan.hpp"

namespace podsd::agent {

/// Reads podsd.yaml into the node's facts; a file that is not there leaves the defaults. Errors: every
/// diagnostic of spec/config.hpp.
[[nodiscard]] Result<void> read_config(const std::filesystem::path& path, units::NodeFacts& node);

}  // namespace podsd::agent
