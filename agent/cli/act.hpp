// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/cli/command.hpp"

namespace podsd::cli {

enum class Verb { start, stop, restart };

struct ActOptions {
  Verb verb = Verb::start;
  std::string pod;
  std::string container;  ///< empty: the whole pod
  std::string ns = "default";
};

/// `podsctl start|stop|restart`: waits until it is done, says so.
int act(const ActOptions& options, const Connect& connect, const Terminal& terminal);

}  // namespace podsd::cli
