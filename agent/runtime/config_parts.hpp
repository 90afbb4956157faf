// SPDX-License-Identifier: Apache-2.0
// The parts of parse_config(). What is wrong is told to the node.
#pragma once

#include "agent/runtime/config.hpp"
#include "agent/runtime/json_node.hpp"

namespace podsd::runtime {

/// A user or group.
[[nodiscard]] std::uint32_t read_id(const Node& node);
[[nodiscard]] std::string read_absolute_path(const Node& node);

/// uidMappings and gidMappings of an object.
[[nodiscard]] UserMaps read_maps(const Node& node);

/// `process` (config.md, "Process").
[[nodiscard]] Process read_process(const Node& node);

/// `linux` (config-linux.md).
void read_linux(const Node& node, Config& config);

/// linux.netDevices.
[[nodiscard]] std::vector<NetDevice> read_net_devices(const Node& node);

}  // namespace podsd::runtime
