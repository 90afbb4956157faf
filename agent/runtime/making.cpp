// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/making.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <optional>

#include "agent/os/fd_passing.hpp"
#include "agent/runtime/commands.hpp"
#include "agent/runtime/files.hpp"
#include "agent/runtime/hook_stages.hpp"
#include "agent/runtime/own_cgroup.hpp"
#include "agent/runtime/unix_socket.hpp"

namespace podsd::runtime {
namespace {

std::string absolute(const std::string& path) {
  char* real = realpath(path.c_str(), nullptr);
  std::string text = real != nullptr ? real : path;
  free(real);
  return text;
}

std::string now() {
  timespec time = {};
  clock_gettime(CLOCK_REALTIME, &time);
  std::tm utc = {};
  gmtime_r(&time.tv_sec, &utc);
  char text[40];
  std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::string fraction = std::to_string(1'000'000'000 + time.tv_nsec);
  fraction[0] = '.';
  return std::string(text, size) + fraction + "Z";
}

struct Bundle {
  std::string text;
  Config config;
};

Result<Bundle> read_bundle(const Options& options) {
  auto text = read_file(options.bundle + "/config.json", max_config_bytes);
  if (!text) return std::unexpected(text.error());
  auto config = parse_config(*text);
  if (!config) return std::unexpected(config.error());
  return Bundle{std::move(*text), std::move(*config)};
}

// A container being made: ended and forgotten again unless keep() is called.
class Making {
 public:
  Making(const Options& options, const Folder& folder, const Config& config)
      : state{options.id, absolute(options.bundle), 0, 0, now(), config.annotations, {},
              {},         config.hooks.later()},
        options_(options),
        folder_(folder),
        hooks_(config.hooks) {}
  ~Making() {
    if (kept_) return;
    if (container) kill_container(*container);
    if (cgroup) cgroup->undo();
    folder_.remove();
    if (hooked_) run_poststop_hooks(options_, hooks_, state);
  }
  void keep() { kept_ = true; }

  Result<void> run_hooks(int pid) {
    hooked_ = true;
    if (auto saved = folder_.save(state); !saved) return saved;
    return run_create_hooks(hooks_, state, pid);
  }

  Result<void> record(const std::string& config) {
    state.pid = container->pid;
    cgroup->note(state);
    state.start_time = start_time_of(container->pid);
    if (auto saved = folder_.save_config(config); !saved) return saved;
    if (auto saved = folder_.save(state); !saved) return saved;
    return announce(options_, *container, "standard");
  }

  State state;
  std::optional<Container> container;
  std::optional<OwnCgroup> cgroup;

 private:
  const Options& options_;
  const Folder& folder_;
  const Hooks& hooks_;
  bool hooked_ = false;
  bool kept_ = false;
};

// A note comes first: should this process be killed, delete --force finds what to remove.
Result<void> prepare_cgroup(const Folder& folder, OwnCgroup& cgroup, State& state) {
  if (cgroup.is_callers()) return {};
  cgroup.note(state);
  if (auto saved = folder.save(state); !saved) return saved;
  return cgroup.prepare();
}

Placement placement_in(OwnCgroup& cgroup) {
  Placement placement{cgroup.birthplace(), {}};
  if (cgroup.adopts()) placement.adopt = [&cgroup](int pid) { return cgroup.adopt(pid); };
  return placement;
}

// All that a container's start needs and that leaves no trace.
struct Ready {
  Bundle bundle;
  Plan plan;
  Console console;
  SeccompAgent agent;
};

Result<Ready> get_ready(const Options& options, bool stays) {
  auto bundle = read_bundle(options);
  if (!bundle) return std::unexpected(bundle.error());
  auto plan =
      prepare_plan(options, bundle->config, build_plan(bundle->config, {.no_pivot = options.no_pivot}));
  if (!plan) return std::unexpected(plan.error());
  if (stays) take_size_of_caller(*plan);
  auto console = open_console(options, bundle->config.process.terminal, stays);
  if (!console) return std::unexpected(console.error());
  auto agent = connect_seccomp_agent(bundle->config, plan->filter);
  if (!agent) return std::unexpected(agent.error());
  return Ready{std::move(*bundle), std::move(*plan), std::move(*console), std::move(*agent)};
}

Result<void> pass_gate(int fd) {
  if (fd < 0) return {};
  UniqueFd gate(fd);
  char byte;
  ssize_t n;
  do n = read(gate.get(), &byte, 1);
  while (n < 0 && errno == EINTR);
  if (n != 1) return fail("the gate was closed", {}, n < 0 ? errno : 0);
  return {};
}

Result<UniqueFd> listen_where(bool wait_for_start, const Folder& folder) {
  return wait_for_start ? folder.listen_for_start() : UniqueFd();
}

}  // namespace

Result<Made> make(const Options& options, const Folder& folder, bool wait_for_start) {
  auto ready = get_ready(options, !wait_for_start && !options.detach);
  // Whoever holds a gate expects nothing of this process before he has opened it, not its end either.
  if (auto passed = pass_gate(options.gate); !passed) return std::unexpected(passed.error());
  if (!ready) return std::unexpected(ready.error());
  const Config& config = ready->bundle.config;
  auto cgroup = OwnCgroup::plan(options, config);
  if (!cgroup) return std::unexpected(cgroup.error());
  if (auto made = folder.make(); !made) return std::unexpected(made.error());
  Making making(options, folder, config);
  making.cgroup.emplace(std::move(*cgroup));
  if (auto done = prepare_cgroup(folder, *making.cgroup, making.state); !done)
    return std::unexpected(done.error());
  auto listening = listen_where(wait_for_start, folder);
  if (!listening) return std::unexpected(listening.error());
  StartArguments arguments{options.bundle,
                           std::move(*listening),
                           options.preserve_fds,
                           !options.no_new_keyring,
                           std::move(ready->console.send),
                           making.state,
                           std::move(ready->agent),
                           {}};
  if (config.hooks.before_program()) arguments.at_ready = [&](int pid) { return making.run_hooks(pid); };
  auto container = start_container(ready->plan, std::move(arguments), placement_in(*making.cgroup));
  if (!container) return std::unexpected(container.error());
  making.container = std::move(*container);
  if (auto recorded = making.record(ready->bundle.text); !recorded) return std::unexpected(recorded.error());
  making.keep();
  return Made{std::move(*making.container), std::move(ready->console), making.state, config.hooks};
}

Result<void> announce(const Options& options, const Container& container, const std::string& kind) {
  if (!options.pid_file.empty())
    if (auto written = replace_file(options.pid_file, std::to_string(container.pid)); !written)
      return written;
  if (options.pidfd_socket.empty()) return {};
  auto socket = connect_unix(options.pidfd_socket, "the pidfd socket");
  if (!socket) return std::unexpected(socket.error());
  return send_with_fd(*socket, kind, container.pidfd);
}

}  // namespace podsd::runtime
