// SPDX-License-Identifier: Apache-2.0
// podsctl's grammar: which words mean which command. Each add_* describes its commands to CLI11 and leaves
// behind what is to be run, so that nothing is done before the whole line has been read.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "agent/cli/command.hpp"

namespace podsd::cli {

/// What a command runs with.
struct Context {
  Terminal terminal;
  Connect connect;
};

/// The command that was chosen.
using Action = std::function<int(const Context&)>;

void add_get(CLI::App& app, Action& chosen);
void add_logs(CLI::App& app, Action& chosen);
void add_port_forward(CLI::App& app, Action& chosen);
void add_network(CLI::App& app, Action& chosen);  ///< network inspect, check
void add_exec(CLI::App& app, Action& chosen);
void add_attach(CLI::App& app, Action& chosen);
void add_copy(CLI::App& app, Action& chosen);
void add_verbs(CLI::App& app, Action& chosen);      ///< start, stop, restart
void add_manifests(CLI::App& app, Action& chosen);  ///< validate, plan
void add_images(CLI::App& app, Action& chosen);

/// Reads the line and runs its command. Gives the exit code; help and version go to the output stream, a
/// wrong line is explained on the error stream.
int run_command_line(int argc, const char* const* argv, const Context& context);

}  // namespace podsd::cli
