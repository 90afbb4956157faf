// SPDX-License-Identifier: Apache-2.0
// The hooks that run in the runtime's namespaces, in the bundle, at their points of runtime.md's "Lifecycle".
#pragma once

#include "agent/runtime/hooks.hpp"
#include "agent/runtime/options.hpp"
#include "agent/runtime/state.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// The hooks of a container's configuration as it was at create. Errors: it cannot be read.
[[nodiscard]] Result<Hooks> load_hooks(const Folder& folder);

/// prestart and createRuntime.
[[nodiscard]] Result<void> run_create_hooks(const Hooks& hooks, const State& state, int pid);

[[nodiscard]] Result<void> run_poststart_hooks(const Hooks& hooks, const State& state);

/// One that fails is told of in the log, and those behind it run.
void run_poststop_hooks(const Options& options, const Hooks& hooks, const State& state);

}  // namespace podsd::runtime
