// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <exception>
#include <iostream>

#include "agent/cli/command_line.hpp"

int main(int argc, char** argv) {
  using namespace podsd::cli;
  std::ios::sync_with_stdio(false);
  const Context context{Terminal{std::cout, std::cerr, wants_colour(STDOUT_FILENO),
                                 wants_colour(STDERR_FILENO), can_redraw(STDERR_FILENO)},
                        [] { return podsd::dbus::connect_manager(""); }};
  try {
    const int exit = run_command_line(argc, argv, context);
    std::cout.flush();
    if (exit == Exit::done && !std::cout)
      return complain(context.terminal, "cannot write to standard output");
    return exit;
  } catch (const std::exception& error) {
    return complain(context.terminal, error.what());
  }
}
