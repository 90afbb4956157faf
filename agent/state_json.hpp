// SPDX-License-Identifier: Apache-2.0
// A pod's State on disk: JSON below /run/podsd, so that the next agent carries on where this one was.
#pragma once

#include <string>

#include "units/state.hpp"

namespace podsd::agent {

/// What is kept beside the state itself.
struct Kept {
  units::State state;
  std::string manifest;  ///< path of the file that the pod came from
};

[[nodiscard]] std::string to_json(const Kept& kept);

/// Reads it back; `node` completes the state. Errors: not written by a podsd of this format.
[[nodiscard]] Result<Kept> from_json(const std::string& text, const units::NodeFacts& node);

}  // namespace podsd::agent
