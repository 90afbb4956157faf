// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/cli/command.hpp"
#include "agent/cli/get.hpp"

namespace podsd::cli {

/// `podsctl image inspect NAME...`: an array of objects, as JSON unless yaml is asked for.
int image_inspect(const std::string& store, const std::vector<std::string>& names, Output output,
                  const Terminal& terminal);

/// `podsctl image history NAME`: how the image was made, the last step first (image-spec config.md,
/// "history"): a table, or an array of objects. `now` in microseconds since the epoch.
int image_history(const std::string& store, const std::string& name, Output output, const Terminal& terminal,
                  std::int64_t now);

}  // namespace podsd::cli
