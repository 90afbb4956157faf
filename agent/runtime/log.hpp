// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <string>

#include "agent/runtime/options.hpp"

namespace podsd::runtime {

/// One entry of the log as a line: {"level":"error","msg":"…","time":"2006-01-02T15:04:05Z"}, or
/// time="…" level=error msg="…".
[[nodiscard]] std::string log_line(const std::string& message, std::time_t when, bool json,
                                   const char* level = "error");

/// Appends an error to --log; to stderr without one, or where it cannot be written.
void log_error(const Options& options, const std::string& message);

/// The same for what the container can live with; without --log nobody is told, since stderr is the
/// container's too.
void log_warning(const Options& options, const std::string& message);

}  // namespace podsd::runtime
