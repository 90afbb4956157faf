// SPDX-License-Identifier: Apache-2.0
// create, start and run.
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "agent/os/fd_passing.hpp"
#include "agent/runtime/commands.hpp"
#include "agent/runtime/console.hpp"
#include "agent/runtime/container.hpp"
#include "agent/runtime/files.hpp"
#include "agent/runtime/hook_stages.hpp"
#include "agent/runtime/init.hpp"
#include "agent/runtime/log.hpp"
#include "agent/runtime/own_cgroup.hpp"
#include "agent/runtime/state.hpp"
#include "agent/runtime/unix_socket.hpp"

namespace podsd::runtime {
namespace {

// What capset(2) would let this process have.
std::uint64_t held_capabilities() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (syscall(SYS_capget, &header, data) < 0) return 0;
  return std::uint64_t{data[1].permitted} << 32 | data[0].permitted;
}

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

struct Made {
  Container container;
  Console console;
  State state;
  Hooks hooks;
};

// Everything up to the program's execve(2), or to the wait for its start.
Result<Made> make(const Options& options, const Folder& folder, bool wait_for_start) {
  auto bundle = read_bundle(options);
  if (!bundle) return std::unexpected(bundle.error());
  auto plan =
      prepare_plan(options, bundle->config, build_plan(bundle->config, {.no_pivot = options.no_pivot}));
  if (!plan) return std::unexpected(plan.error());
  auto cgroup = OwnCgroup::plan(options, bundle->config);
  if (!cgroup) return std::unexpected(cgroup.error());
  const bool stays = !wait_for_start && !options.detach;
  if (stays) take_size_of_caller(*plan);
  auto console = open_console(options, bundle->config.process.terminal, stays);
  if (!console) return std::unexpected(console.error());
  auto agent = connect_seccomp_agent(bundle->config, plan->filter);
  if (!agent) return std::unexpected(agent.error());
  if (auto made = folder.make(); !made) return std::unexpected(made.error());
  Making making(options, folder, bundle->config);
  making.cgroup.emplace(std::move(*cgroup));
  if (auto done = prepare_cgroup(folder, *making.cgroup, making.state); !done)
    return std::unexpected(done.error());
  StartArguments arguments{
      options.bundle,           {},           options.preserve_fds, !options.no_new_keyring,
      std::move(console->send), making.state, std::move(*agent),    {}};
  if (bundle->config.hooks.before_program())
    arguments.at_ready = [&](int pid) { return making.run_hooks(pid); };
  if (wait_for_start) {
    auto listening = folder.listen_for_start();
    if (!listening) return std::unexpected(listening.error());
    arguments.start_socket = std::move(*listening);
  }
  auto container = start_container(*plan, std::move(arguments), placement_in(*making.cgroup));
  if (!container) return std::unexpected(container.error());
  making.container = std::move(*container);
  if (auto recorded = making.record(bundle->text); !recorded) return std::unexpected(recorded.error());
  making.keep();
  return Made{std::move(*making.container), std::move(*console), making.state, bundle->config.hooks};
}

// A container that a hook does not let start is destroyed, as if it had been deleted.
std::unexpected<Error> give_up(const Options& options, const Folder& folder, const State& state,
                               const Hooks& hooks, Error error) {
  if (auto gone = kill_and_wait(state); !gone) log_warning(options, gone.error().message());
  if (auto removed = remove_cgroup(state); !removed) log_warning(options, removed.error().message());
  folder.remove();
  run_poststop_hooks(options, hooks, state);
  return std::unexpected(std::move(error));
}

}  // namespace

Result<Plan> prepare_plan(const Options& options, const Config& config, Result<Plan> plan) {
  if (!plan) return plan;
  for (const auto& name : plan->ungranted)
    log_warning(options, "a capability that cannot be granted is left out: " + name);
  // Who enters a user namespace has every capability in it.
  const bool all = std::ranges::count(config.namespaces, "user", &Namespace::type) != 0;
  for (const auto& name : limit_capabilities(*plan, all ? ~std::uint64_t{0} : held_capabilities()))
    log_warning(options, "a capability that the runtime itself lacks is left out: " + name);
  if (config.seccomp.empty()) return plan;
  if (options.cache.empty()) static_cast<void>(make_directories(options.root));
  auto filter =
      seccomp_filter(config.seccomp, options.cache.empty() ? options.root + "/.seccomp" : options.cache);
  if (!filter) return std::unexpected(filter.error());
  for (const auto& name : filter->unknown)
    log_warning(options, "seccomp: an unknown system call is left out: " + name);
  plan->filter = std::move(*filter);
  return plan;
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

Result<int> create(const Options& options) {
  Folder folder(options.root, options.id);
  auto container = make(options, folder, true);
  if (!container) return std::unexpected(container.error());
  return 0;
}

Result<int> start(const Options& options) {
  Folder folder(options.root, options.id);
  auto state = folder.load();
  if (!state) return std::unexpected(state.error());
  Status status = folder.status(*state);
  if (status != Status::created) return fail(std::string("cannot start a container that is ") + text(status));
  auto connection = folder.connect_to_start();
  if (!connection) return std::unexpected(connection.error());
  bool by_hook = false;
  auto executed = await_exec(*connection, by_hook);
  folder.forget_start();
  if (!executed && !by_hook) return std::unexpected(executed.error());
  if (executed && !state->hooks) return 0;
  auto hooks = load_hooks(folder);
  if (executed && hooks) executed = run_poststart_hooks(*hooks, *state);
  if (!hooks) return std::unexpected(hooks.error());
  if (!executed) return give_up(options, folder, *state, *hooks, executed.error());
  return 0;
}

Result<int> run(const Options& options) {
  Folder folder(options.root, options.id);
  if (!options.detach) block_signals();
  auto container = make(options, folder, false);
  if (!container) return std::unexpected(container.error());
  if (auto done = run_poststart_hooks(container->hooks, container->state); !done)
    return give_up(options, folder, container->state, container->hooks, done.error());
  if (options.detach) return 0;
  auto status = wait_in_foreground(container->container, container->console);
  if (options.keep) return status;
  if (auto state = folder.load(); state && status)
    if (auto removed = remove_cgroup(*state); !removed) return std::unexpected(removed.error());
  folder.remove();
  run_poststop_hooks(options, container->hooks, container->state);
  return status;
}

}  // namespace podsd::runtime
