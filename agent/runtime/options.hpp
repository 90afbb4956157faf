// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::runtime {

/// update: limits as the command line has them; empty: left as they are.
struct LimitWords {
  std::string memory, memory_reservation, memory_swap, cpu_shares, cpu_quota, cpu_period, cpu_burst, cpu_idle,
      cpuset_cpus, cpuset_mems, pids_limit, blkio_weight;
};

/// The command line, as that of other OCI runtimes (runc): podsd-runtime [GLOBAL OPTION…] COMMAND [OPTION…]
/// ID [WORD…]; see usage().
/// Options that callers pass to any runtime and that change nothing here are taken: --debug, --criu,
/// --rootless, --no-subreaper.
struct Options {
  std::string root = "/run/podsd-runtime";  ///< where containers' states are kept
  std::string cache;                        ///< where compiled seccomp filters are kept; empty: ROOT/.seccomp
  std::string log;                          ///< empty: stderr
  bool log_json = false;
  bool systemd_cgroup = false;
  bool version = false;
  bool help = false;
  std::string command;
  std::string bundle = ".";
  std::string pid_file;
  std::string id;
  bool detach = false;
  bool keep = false;   ///< run: the container stays known after its end
  bool force = false;  ///< delete
  bool quiet = false;  ///< list
  bool json = false;   ///< list
  bool no_pivot = false;
  bool no_new_keyring = false;
  int preserve_fds = 0;
  int gate = -1;  ///< a pipe; nothing is set up before a byte comes out of it; -1: none
  std::string console_socket;           ///< of a process with a terminal: gets its master
  std::string pidfd_socket;             ///< gets a pidfd of the new process
  bool tty = false;                     ///< exec: with a terminal
  std::string cgroup;                   ///< exec: below the container's; empty: the container's
  std::string apparmor, process_label;  ///< exec
  std::string process;                  ///< exec: a file with an OCI process object
  std::string cwd, user;
  std::vector<std::string> env, capabilities;
  std::vector<std::uint32_t> additional_gids;
  bool no_new_privileges = false;
  bool ignore_paused = false;      ///< exec: also where it will only run after a resume
  bool all = false;                ///< kill: all processes of the container
  bool stats = false;              ///< events: statistics once, no events
  int interval = 5;                ///< events: seconds between statistics
  std::string resources;           ///< update: a file with linux.resources, "-" for stdin
  LimitWords limits;               ///< update
  std::vector<std::string> words;  ///< behind the id: exec's program, kill's signal
};

/// Reads the words behind the program's name into `options`, as far as they can be understood.
[[nodiscard]] Result<void> parse_options(std::span<const char* const> words, Options& options);

/// The number of "TERM", "SIGTERM" or "15".
[[nodiscard]] Result<int> signal_number(const std::string& word);

/// The text of --help.
[[nodiscard]] std::string usage();

}  // namespace podsd::runtime
