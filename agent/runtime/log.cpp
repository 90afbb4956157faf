// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "agent/os/unique_fd.hpp"

namespace podsd::runtime {
namespace {

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool write_line(int fd, const std::string& line) {
  return write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

bool append(const Options& options, const std::string& line) {
  if (options.log.empty()) return false;
  UniqueFd file(open(options.log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  return file && write_line(file.get(), line);
}

}  // namespace

std::string log_line(const std::string& message, std::time_t when, bool json, const char* level) {
  std::tm utc = {};
  gmtime_r(&when, &utc);
  char time[32];
  std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &utc);
  if (json)
    return R"({"level":")" + std::string(level) + R"(","msg":)" + quoted(message) + R"(,"time":")" + time +
           "\"}\n";
  return std::string("time=\"") + time + "\" level=" + level + " msg=" + quoted(message) + "\n";
}

void log_error(const Options& options, const std::string& message) {
  std::string line = log_line(message, std::time(nullptr), options.log_json);
  if (!append(options, line)) static_cast<void>(write_line(STDERR_FILENO, line));
}

void log_warning(const Options& options, const std::string& message) {
  static_cast<void>(append(options, log_line(message, std::time(nullptr), options.log_json, "warning")));
}

}  // namespace podsd::runtime
