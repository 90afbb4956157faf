// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "agent/engine/oci_config.hpp"

namespace podsd::engine {

/// The devices of the host's /dev, folders below it included, as a privileged container gets them. Without
/// what every container has of its own: terminals (pts, console), shm, mqueue and the links to file
/// descriptors.
[[nodiscard]] std::vector<HostDevice> host_devices();

}  // namespace podsd::engine
