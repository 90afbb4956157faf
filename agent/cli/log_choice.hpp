// SPDX-License-Identifier: Apache-2.0
// Which container, and which of its runs, `podsctl logs` is asked for. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "agent/cli/json_access.hpp"
#include "spec/result.hpp"

namespace podsd::cli {

struct ContainerChoice {
  std::string name;
  std::string note;  ///< for the error stream; empty where the choice was not ours
};

/// The container that was `wanted`; where that is empty: the one that annotation
/// kubectl.kubernetes.io/default-container names, else the first, with a note where there are several.
/// Errors: no such container; a pod without containers.
[[nodiscard]] Result<ContainerChoice> choose_container(const Json& pod, const std::string& wanted);

/// One run of a container, from its start to its end.
struct Run {
  enum class Kind { running, ended } kind = Kind::running;
  std::string unit;              ///< its scope
  std::int64_t started_at = 0;   ///< microseconds since the epoch, whole seconds
  std::int64_t finished_at = 0;  ///< of an ended run
};

/// The run whose lines are to be shown: the one under way, else the last one that ended; with `previous`, the
/// one that ended last before the current state. Errors: it never ran, and what it waits for; no previous
/// run.
[[nodiscard]] Result<Run> choose_run(const Json& pod, const std::string& container, bool previous);

/// Whether nothing more will come from the pod: its phase is Succeeded or Failed.
[[nodiscard]] bool is_over(const Json& pod);

}  // namespace podsd::cli
