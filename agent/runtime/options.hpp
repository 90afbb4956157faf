// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "spec/result.hpp"

namespace podsd::runtime {

/// The command line, as that of other OCI runtimes (runc):
///   podsd-runtime [--root DIR] [--log FILE] [--log-format text|json] [--systemd-cgroup] [--debug] COMMAND …
///   run [--detach] [--bundle DIR] [--pid-file FILE] [--no-pivot] [--preserve-fds N] ID
/// --systemd-cgroup is taken and means nothing yet: cgroups are the caller's.
struct Options {
  std::string root = "/run/podsd-runtime";  ///< where it keeps things between its runs
  std::string log;                          ///< empty: stderr
  bool log_json = false;
  bool version = false;
  bool help = false;
  std::string command;
  std::string bundle = ".";
  std::string pid_file;
  std::string id;
  bool detach = false;
  bool no_pivot = false;
  int preserve_fds = 0;
};

/// Reads the words behind the program's name into `options`, as far as they can be understood.
[[nodiscard]] Result<void> parse_options(std::span<const char* const> words, Options& options);

/// The text of --help.
[[nodiscard]] std::string usage();

}  // namespace podsd::runtime
