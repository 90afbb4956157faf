// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace podsd::engine {

/// Of a terminal; 0: unknown.
struct TerminalSize {
  unsigned rows = 0, columns = 0;
};

/// The OCI process of a command in a running container: its first process as its config.json says, so user,
/// capabilities, environment and working directory, with other arguments. With a terminal it has TERM=xterm,
/// as kubectl's and docker's have, unless the container sets another.
[[nodiscard]] nlohmann::ordered_json exec_process(nlohmann::ordered_json process,
                                                  const std::vector<std::string>& command,
                                                  const std::optional<TerminalSize>& terminal);

}  // namespace podsd::engine
