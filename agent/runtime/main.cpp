// SPDX-License-Identifier: Apache-2.0
// podsd-runtime: an OCI runtime that starts a container and is gone when the container runs. The main file
// reads the command line and the bundle; config → plan → container do the rest.
//
// podsd runs it below a pod's podsd-sandbox: in the pod's ipc, uts and net namespaces, in the container's
// scope, and in a mount namespace of its own in which the overlay is mounted on the bundle's root.
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "agent/runtime/config.hpp"
#include "agent/runtime/container.hpp"
#include "agent/runtime/files.hpp"
#include "agent/runtime/log.hpp"
#include "agent/runtime/options.hpp"
#include "agent/runtime/plan.hpp"
#include "agent/runtime/seccomp.hpp"
#include "agent/runtime/self_protection.hpp"

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

// What capset(2) would let this process have.
std::uint64_t held_capabilities() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (syscall(SYS_capget, &header, data) < 0) return 0;
  return std::uint64_t{data[1].permitted} << 32 | data[0].permitted;
}

Result<Plan> read_plan(const Options& options) {
  auto text = read_file(options.bundle + "/config.json", max_config_bytes);
  if (!text) return std::unexpected(text.error());
  auto config = parse_config(*text);
  if (!config) return std::unexpected(config.error());
  auto plan = build_plan(*config, {.no_pivot = options.no_pivot});
  if (!plan) return plan;
  for (const auto& name : limit_capabilities(*plan, held_capabilities()))
    log_warning(options, "a capability that the runtime itself lacks is left out: " + name);
  if (config->seccomp.empty()) return plan;
  mkdir(options.root.c_str(), 0700);
  auto filter = seccomp_filter(config->seccomp, options.root + "/.seccomp");
  if (!filter) return std::unexpected(filter.error());
  for (const auto& name : filter->unknown)
    log_warning(options, "seccomp: an unknown system call is left out: " + name);
  plan->filter = std::move(*filter);
  return plan;
}

// Gives the exit status.
Result<int> run(const Options& options) {
  auto plan = read_plan(options);
  if (!plan) return std::unexpected(plan.error());
  if (!options.detach) block_signals();
  auto container = start_container(*plan, options.bundle, options.preserve_fds);
  if (!container) return std::unexpected(container.error());
  if (!options.pid_file.empty()) {
    auto written = replace_file(options.pid_file, std::to_string(container->pid));
    if (!written) {
      kill_container(*container);
      return std::unexpected(written.error());
    }
  }
  return options.detach ? 0 : wait_container(*container);
}

void print(const std::string& text) {
  ssize_t ignored = write(STDOUT_FILENO, text.data(), text.size());
  static_cast<void>(ignored);
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
  if (options.version) return print("podsd-runtime version " PODSD_VERSION "\nspec: 1.2.0\n"), 0;
  if (auto done = protect_self(argv); !done) return fail_with(options, done.error());
  auto status = run(options);
  if (!status) return fail_with(options, status.error());
  return *status;
}
