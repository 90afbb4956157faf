// SPDX-License-Identifier: Apache-2.0
// agent/cli is podsctl: it asks the agent over the bus, reads the journal and the image store, and prints.
// Each command is an options struct and a function from it to an exit code, in a file of its own; it must
// never start or touch a pod's processes itself.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "dbus/manager_proxy.hpp"
#include "spec/result.hpp"

namespace podsd::cli {

/// Exit codes of every command.
enum Exit : int {
  done = 0,
  failed = 1,  ///< it was understood and could not be done
  usage = 2,   ///< the command line itself is wrong
};

/// Where a command writes, and whether in colour.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool out_colour = false;
  bool err_colour = false;
  bool err_redraws = false;  ///< err is a terminal whose last line can be drawn again
};

/// Connects to the agent. Not called before a command needs it.
using Connect = std::function<Result<std::unique_ptr<dbus::ManagerProxy>>()>;

/// Writes "podsctl: TEXT" to the error stream; gives Exit::failed.
int complain(const Terminal& terminal, const std::string& text);

/// What a person should read of an error that came over the bus: for "org.podsd1.Error.NoSuchPod" that `pods
/// "name" not found`, for an agent that is not there how to start it, for a refusal that root is needed, else
/// the error's own words.
[[nodiscard]] std::string bus_error_text(const Error& error, const std::string& pod);

/// "web", "pod/web", "pods/web" or "po/web" → "web".
[[nodiscard]] std::string pod_name(const std::string& argument);

/// Colours only on a terminal that is not "dumb", and never where NO_COLOR is set and not empty
/// (no-color.org).
[[nodiscard]] bool wants_colour(int fd);

/// Whether a line there can be drawn again: on a terminal that is not "dumb".
[[nodiscard]] bool can_redraw(int fd);

/// CLOCK_REALTIME in microseconds.
[[nodiscard]] std::int64_t realtime_now();

}  // namespace podsd::cli
