// SPDX-License-Identifier: Apache-2.0
// The commands of podsd-runtime. Each gives the program's exit status (runtime.md, "Operations").
#pragma once

#include "agent/runtime/config.hpp"
#include "agent/runtime/container.hpp"
#include "agent/runtime/options.hpp"
#include "agent/runtime/plan.hpp"
#include "agent/runtime/state.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// Sets everything of the bundle up but its program, which waits for start(). After an error nothing of it is
/// left.
[[nodiscard]] Result<int> create(const Options& options);
/// Has a created container execute its program. Errors: it is not created; the program cannot be executed.
[[nodiscard]] Result<int> start(const Options& options);
/// create() and start() at once; in the foreground until the container's end, with its exit status.
[[nodiscard]] Result<int> run(const Options& options);
/// Another process in a running container, with its namespaces, cgroup, capabilities and filter.
[[nodiscard]] Result<int> exec(const Options& options);
/// Prints runtime.md's "State".
[[nodiscard]] Result<int> state(const Options& options);
/// Signals the init of a container that is created or running.
[[nodiscard]] Result<int> kill(const Options& options);
/// Forgets a stopped container. Errors: it is not stopped, without --force.
[[nodiscard]] Result<int> remove(const Options& options);
[[nodiscard]] Result<int> list(const Options& options);
/// Prints the processes of a container: as ps(1) does, or their numbers as JSON.
[[nodiscard]] Result<int> ps(const Options& options);
/// Freezes the container's own cgroup. Errors: it has none; it is not running.
[[nodiscard]] Result<int> pause(const Options& options);
/// Errors: it is not paused.
[[nodiscard]] Result<int> resume(const Options& options);
/// Changes limits of the container's own cgroup, and of its scope. After an error they are as before, as far
/// as the kernel lets them.
[[nodiscard]] Result<int> update(const Options& options);
/// Prints statistics and out-of-memory events, a line of JSON each, until the container ends.
[[nodiscard]] Result<int> events(const Options& options);
/// Writes a config.json to start from into the bundle. Errors: there is one.
[[nodiscard]] Result<int> spec(const Options& options);
/// Prints features_json().
[[nodiscard]] Result<int> features(const Options& options);

/// What this runtime knows of the specification, as the JSON of features.md and features-linux.md.
[[nodiscard]] std::string features_json();

/// Kills a container's init, if it still lives, and waits until it is gone.
[[nodiscard]] Result<void> kill_and_wait(const State& state);

/// What a configuration asks for, less the capabilities that this process lacks, and with its seccomp filter.
/// Both are told of in the log.
[[nodiscard]] Result<Plan> prepare_plan(const Options& options, const Config& config, Result<Plan> plan);

/// Tells the caller of a new process: --pid-file, and --pidfd-socket, which gets its pidfd with `kind` as
/// data, as runc sends it.
[[nodiscard]] Result<void> announce(const Options& options, const Container& container,
                                    const std::string& kind);

}  // namespace podsd::runtime
