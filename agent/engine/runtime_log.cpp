// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/runtime_log.hpp"

#include <sys/wait.h>

#include <nlohmann/json.hpp>

#include "agent/os/files.hpp"

namespace podsd::engine {

std::string runtime_error(const std::filesystem::path& log, int wait_status) {
  const auto written = os::read_file(log);
  if (written && !written->empty()) {
    const std::string text = written->substr(0, written->find_last_not_of('\n') + 1);
    const auto line = nlohmann::json::parse(text.substr(text.rfind('\n') + 1), nullptr, false);
    if (line.is_object() && line.contains("msg") && line["msg"].is_string()) return line["msg"];
  }
  if (WIFSIGNALED(wait_status))
    return "the runtime was ended by signal " + std::to_string(WTERMSIG(wait_status));
  return "the runtime exited with code " + std::to_string(WEXITSTATUS(wait_status)) + " and left no word";
}

}  // namespace podsd::engine
