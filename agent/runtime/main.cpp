// SPDX-License-Identifier: Apache-2.0
// podsd-runtime: an OCI runtime that starts a container and is gone when the container runs. The main file
// reads the command line and the bundle; config → plan → container do the rest.
//
// podsd runs it below a pod's podsd-sandbox: in the pod's ipc, uts and net namespaces, in the container's
// scope, and in a mount namespace of its own in which the overlay is mounted on the bundle's root.
#include <fcntl.h>
#include <unistd.h>

#include "agent/runtime/commands.hpp"
#include "agent/runtime/log.hpp"
#include "agent/runtime/options.hpp"
#include "agent/runtime/self_protection.hpp"
#include "agent/runtime/state.hpp"

#ifndef PODSD_VERSION
#define PODSD_VERSION "unknown"
#endif

namespace {

using namespace podsd;
using namespace podsd::runtime;

// A standard fd that is closed would be taken by the next file opened, and that would reach the container.
void fill_standard_fds() {
  for (int fd = 0; fd <= 2; ++fd)
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) _exit(1);
}

void print(const std::string& text) {
  ssize_t ignored = write(STDOUT_FILENO, text.data(), text.size());
  static_cast<void>(ignored);
}

struct Command {
  std::string_view name;
  Result<int> (*run)(const Options& options);
};

constexpr Command commands[] = {
    {"run", run},       {"create", create}, {"start", start},   {"exec", exec}, {"state", state},
    {"kill", kill},     {"delete", remove}, {"list", list},     {"ps", ps},     {"pause", pause},
    {"resume", resume}, {"update", update}, {"events", events}, {"spec", spec}, {"features", features}};

Result<int> perform(const Options& options) {
  for (const Command& command : commands)
    if (command.name == options.command) return command.run(options);
  return fail("unknown command", options.command);
}

int fail_with(const Options& options, const Error& error) {
  log_error(options, error.message());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_fds();
  Options options;
  auto parsed = parse_options({argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)}, options);
  if (!parsed) return fail_with(options, parsed.error());
  if (options.help) return print(usage()), 0;
  if (options.version)
    return print(std::string("podsd-runtime version " PODSD_VERSION "\nspec: ") + oci_version + "\n"), 0;
  // Before any other file can take its number.
  if (options.gate >= 0 && fcntl(options.gate, F_GETFD) < 0)
    return fail_with(options, Error{"--gate is not open", std::to_string(options.gate), 0, nullptr});
  if (auto done = protect_self(argv); !done) return fail_with(options, done.error());
  auto status = perform(options);
  if (!status) return fail_with(options, status.error());
  return *status;
}
