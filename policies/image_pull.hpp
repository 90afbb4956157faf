// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policies/backoff.hpp"
#include "spec/pod.hpp"

namespace podsd::policies {

/// What a container's start does about its image.
enum class ImageStep {
  use,    ///< start from what the store has
  pull,   ///< pull first
  never,  ///< neither there nor to be pulled
};

/// core/v1 Container.imagePullPolicy: Always pulls before every start, IfNotPresent where the store lacks the
/// image, Never not at all. `present`: the store has it; `pulled`: a pull for this very start has succeeded.
[[nodiscard]] ImageStep image_step(spec::PullPolicy policy, bool present, bool pulled);

/// The wait after one more failed pull. Other than a restart the first one waits too (the kubelet's image
/// back-off: 10 s doubling to 300 s with its defaults).
[[nodiscard]] Delay pull_delay(const Backoff& backoff, const BackoffConfig& config);

}  // namespace podsd::policies
