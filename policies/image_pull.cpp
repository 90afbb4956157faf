// SPDX-License-Identifier: Apache-2.0
#include "policies/image_pull.hpp"

namespace podsd::policies {

ImageStep image_step(spec::PullPolicy policy, bool present, bool pulled) {
  switch (policy) {
    case spec::PullPolicy::always:
      return pulled ? ImageStep::use : ImageStep::pull;
    case spec::PullPolicy::if_not_present:
      return present ? ImageStep::use : ImageStep::pull;
    case spec::PullPolicy::never:
      break;
  }
  return present ? ImageStep::use : ImageStep::never;
}

Delay pull_delay(const Backoff& backoff, const BackoffConfig& config) {
  if (backoff.failures > 0) return next_delay(backoff, config, 0);
  Delay first = next_delay({1, 0}, config, 0);
  first.next.failures = 1;
  return first;
}

}  // namespace podsd::policies
