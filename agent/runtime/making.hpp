// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/runtime/console.hpp"
#include "agent/runtime/container.hpp"
#include "agent/runtime/hooks.hpp"
#include "agent/runtime/options.hpp"
#include "agent/runtime/state.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// A container that create or run has made.
struct Made {
  Container container;
  Console console;
  State state;
  Hooks hooks;
};

/// Everything up to the program's execve(2), or with `wait_for_start` to the wait for its start: reads the
/// bundle, waits at the gate if there is one, starts the init, records the container in `folder` and tells
/// the caller of it. After an error nothing of it is left.
[[nodiscard]] Result<Made> make(const Options& options, const Folder& folder, bool wait_for_start);

}  // namespace podsd::runtime
