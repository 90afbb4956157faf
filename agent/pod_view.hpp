// SPDX-License-Identifier: Apache-2.0
// From a pod to what the engine is asked for. Pure.
#pragma once

#include <string>

#include "agent/engine/types.hpp"
#include "units/state.hpp"

namespace podsd::agent {

/// The pod as networks know it.
[[nodiscard]] network::PodRequest pod_request(const spec::Pod& pod);

/// The engine's name of a pod: its slice without ".slice".
[[nodiscard]] std::string sandbox_id(const spec::Pod& pod);

[[nodiscard]] engine::SandboxSpec sandbox_spec(const units::State& state, bool fresh);

/// `container` must be one of state.containers. Its start number is `attempt`.
[[nodiscard]] engine::ContainerSpec container_spec(const units::State& state, const std::string& container,
                                                   std::uint32_t attempt);

/// Containers that have or may have processes, for Engine::attach_sandbox.
[[nodiscard]] std::vector<engine::KnownContainer> known_containers(const units::State& state);

}  // namespace podsd::agent
