// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "spec/pod.hpp"

namespace podsd::policies {

/// Whether a container that ended with `exit_code` is started again (core/v1 PodSpec.restartPolicy).
/// An init container under Always is retried only after a failure.
[[nodiscard]] bool restarts(spec::RestartPolicy policy, bool init, int exit_code);

/// How far one container has come, as far as the pod's phase asks.
enum class Progress {
  waiting,     ///< has never run
  running,     ///< runs
  restarting,  ///< has ended and will be started again
  succeeded,   ///< has ended for good, with 0
  failed,      ///< has ended for good, with another code
};

enum class PodPhase { pending, running, succeeded, failed };

/// core/v1 PodStatus.phase: Pending until every init container succeeded and each container has run once;
/// Failed or Succeeded when all have ended for good; else Running. A failed init container fails the pod.
[[nodiscard]] PodPhase phase(const std::vector<Progress>& init, const std::vector<Progress>& containers);

}  // namespace podsd::policies
