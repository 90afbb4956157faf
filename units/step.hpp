// SPDX-License-Identifier: Apache-2.0
// The pod state machine. step() is pure and total: every event may come in every state; one that no longer
// fits (a timer that was replaced, an answer of an earlier attempt) changes nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "units/event.hpp"
#include "units/state.hpp"

namespace podsd::units {

struct Step {
  State next;
  std::vector<Action> todo;  ///< to be done in this order
};

[[nodiscard]] Step step(State state, const Event& event, Instant now);

/// What a freshly started agent must do again for a state read back: timers, and a stop that was under way.
[[nodiscard]] std::vector<Action> resume(const State& state);

/// core/v1 PodStatus of a state.
[[nodiscard]] PodStatus status(const State& state);

/// Whether an operator's verb has come to its end: nullopt while it has not, else an empty text or why it
/// failed.
[[nodiscard]] std::optional<std::string> outcome(const State& state, const Asked& asked);

}  // namespace podsd::units
