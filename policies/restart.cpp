// SPDX-License-Identifier: Apache-2.0
#include "policies/restart.hpp"

#include <algorithm>

namespace podsd::policies {

bool restarts(spec::RestartPolicy policy, bool init, int exit_code) {
  switch (policy) {
    case spec::RestartPolicy::never:
      return false;
    case spec::RestartPolicy::on_failure:
      return exit_code != 0;
    case spec::RestartPolicy::always:
      return !init || exit_code != 0;
  }
  return false;
}

PodPhase phase(const std::vector<Progress>& init, const std::vector<Progress>& containers) {
  const auto any = [](const std::vector<Progress>& list, Progress p) {
    return std::ranges::find(list, p) != list.end();
  };
  const auto all_succeeded = [](const std::vector<Progress>& list) {
    return std::ranges::all_of(list, [](Progress p) { return p == Progress::succeeded; });
  };
  if (any(init, Progress::failed)) return PodPhase::failed;
  if (!all_succeeded(init)) return PodPhase::pending;
  if (any(containers, Progress::waiting)) return PodPhase::pending;
  if (any(containers, Progress::running) || any(containers, Progress::restarting)) return PodPhase::running;
  return all_succeeded(containers) ? PodPhase::succeeded : PodPhase::failed;
}

}  // namespace podsd::policies
