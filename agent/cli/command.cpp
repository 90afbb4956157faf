// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/command.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string_view>

namespace podsd::cli {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

int complain(const Terminal& terminal, const std::string& text) {
  terminal.out.flush();
  terminal.err << "podsctl: " << text << "\n";
  return Exit::failed;
}

std::string bus_error_text(const Error& error, const std::string& pod) {
  const std::string_view name = error.subject;
  if (name.ends_with(".NoSuchPod")) return "pods \"" + pod + "\" not found";
  if (name.ends_with(".ServiceUnknown") || name.ends_with(".NameHasNoOwner")) {
    return "podsd is not running (start it: systemctl start podsd)";
  }
  if (name.ends_with(".NoReply") || name.ends_with(".Disconnected")) {
    return "podsd went away before it answered (see: systemctl status podsd)";
  }
  if (name.ends_with(".AccessDenied") || name.ends_with(".InteractiveAuthorizationRequired")) {
    return "permission denied: run it as root";
  }
  return name.starts_with("org.") ? error.what : error.message();
}

std::string pod_name(const std::string& argument) {
  for (const std::string_view prefix : {"pod/", "pods/", "po/"}) {
    if (argument.starts_with(prefix)) return argument.substr(prefix.size());
  }
  return argument;
}

bool wants_colour(int fd) {
  return variable("NO_COLOR").empty() && can_redraw(fd);
}

bool can_redraw(int fd) {
  return variable("TERM") != "dumb" && ::isatty(fd) == 1;
}

std::int64_t realtime_now() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace podsd::cli
