// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/exec_process.hpp"

namespace podsd::engine {
namespace {

bool sets_term(const nlohmann::ordered_json& env) {
  for (const auto& entry : env)
    if (entry.is_string() && entry.get_ref<const std::string&>().starts_with("TERM=")) return true;
  return false;
}

}  // namespace

nlohmann::ordered_json exec_process(nlohmann::ordered_json process, const std::vector<std::string>& command,
                                    const std::optional<TerminalSize>& terminal) {
  process["args"] = command;
  process["terminal"] = terminal.has_value();
  process.erase("consoleSize");
  if (!terminal) return process;
  if (terminal->rows > 0 && terminal->columns > 0)
    process["consoleSize"] = {{"height", terminal->rows}, {"width", terminal->columns}};
  if (!sets_term(process["env"])) process["env"].push_back("TERM=xterm");
  return process;
}

}  // namespace podsd::engine
