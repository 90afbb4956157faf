// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/cli/command.hpp"

namespace podsd::cli {

enum class Output { table, wide, json, yaml, name };

struct GetOptions {
  std::vector<std::string> names;  ///< empty: every pod of the namespace
  std::string ns = "default";
  bool all_namespaces = false;
  Output output = Output::table;
};

/// `podsctl get pods`. With names: as far as they exist, and Exit::failed where one does not. json and yaml:
/// one pod that was named stands alone, anything else is a v1 List; each has its slice's IP counters as
/// status.ipAccounting, where systemd has them. `now` in microseconds since the epoch.
int get_pods(const GetOptions& options, const Connect& connect, const Terminal& terminal, std::int64_t now);

}  // namespace podsd::cli
