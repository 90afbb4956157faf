// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "agent/network/lane.hpp"
#include "agent/network/network.hpp"
#include "spec/config.hpp"

namespace podsd::network {

/// The network that needs no configuration and no plugins: a bridge with private addresses. `state` is the
/// folder that survives a reboot. Errors: the record of addresses cannot be read.
[[nodiscard]] Result<std::unique_ptr<Provider>> make_embedded(Lane& lane, const spec::NetworkConfig& config,
                                                              const std::filesystem::path& state);

}  // namespace podsd::network
