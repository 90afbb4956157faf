// SPDX-License-Identifier: Apache-2.0
// create, start and run.
#include "agent/runtime/commands.hpp"
#include "agent/runtime/hook_stages.hpp"
#include "agent/runtime/log.hpp"
#include "agent/runtime/making.hpp"
#include "agent/runtime/own_cgroup.hpp"

namespace podsd::runtime {
namespace {

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
