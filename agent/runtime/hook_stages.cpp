// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/hook_stages.hpp"

#include <fcntl.h>

#include "agent/runtime/config.hpp"
#include "agent/runtime/log.hpp"

namespace podsd::runtime {
namespace {

UniqueFd open_bundle(const State& state) {
  return UniqueFd(open(state.bundle.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

Result<Hooks> load_hooks(const Folder& folder) {
  auto text = folder.load_config();
  if (!text) return std::unexpected(text.error());
  auto config = parse_config(*text);
  if (!config) return std::unexpected(config.error());
  return std::move(config->hooks);
}

Result<void> run_create_hooks(const Hooks& hooks, const State& state, int pid) {
  const std::string text = state_text(state, Status::creating, pid);
  const UniqueFd bundle = open_bundle(state);
  if (auto done = run_hooks(hooks.prestart, "prestart", text, bundle); !done) return done;
  return run_hooks(hooks.create_runtime, "createRuntime", text, bundle);
}

Result<void> run_poststart_hooks(const Hooks& hooks, const State& state) {
  if (hooks.poststart.empty()) return {};
  return run_hooks(hooks.poststart, "poststart", state_text(state, Status::running, state.pid),
                   open_bundle(state));
}

void run_poststop_hooks(const Options& options, const Hooks& hooks, const State& state) {
  if (hooks.poststop.empty()) return;
  const std::string text = state_text(state, Status::stopped, 0);
  const UniqueFd bundle = open_bundle(state);
  for (const Hook& hook : hooks.poststop)
    if (auto done = run_hooks({hook}, "poststop", text, bundle); !done)
      log_warning(options, done.error().message());
}

}  // namespace podsd::runtime
