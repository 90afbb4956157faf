// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/cli/command.hpp"

namespace podsd::cli {

/// `podsctl image export NAME DESTINATION`.
int image_export(const std::string& store, const std::string& name, const std::string& destination,
                 const Terminal& terminal);

/// `podsctl image tag NAME NEW...`.
int image_tag(const std::string& store, const std::string& name, const std::vector<std::string>& names,
              const Terminal& terminal);

/// `podsctl image verify`: one line per damage, and what was read. Exit::failed where there is damage.
int image_verify(const std::string& store, const Terminal& terminal);

struct PruneOptions {
  std::string store;
  std::string config;    ///< podsd.yaml: which images are pinned
  bool dry_run = false;  ///< say what would go
};

/// `podsctl image prune`: every image that no container uses, no pod names and nobody pinned, however young;
/// what pods name the agent says.
int image_prune(const PruneOptions& options, const Connect& connect, const Terminal& terminal);

}  // namespace podsd::cli
