// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/network/cni/json.hpp"
#include "agent/network/network.hpp"

namespace podsd::network::cni {

/// What a pod asks of plugins that have the capability (CNI's CONVENTIONS.md): portMappings, and bandwidth
/// with the kubelet's unlimited bursts. What it does not ask for is left out.
[[nodiscard]] Json runtime_of(const PodRequest& pod);

}  // namespace podsd::network::cni
