// SPDX-License-Identifier: Apache-2.0
// A sandbox with a network of its own: it is made once the sandbox has made its namespace.
#include "agent/engine/sandbox.hpp"
#include "agent/network/netns.hpp"

namespace podsd::engine {

void Sandbox::connect_network() {
  // Nobody else reaps the process, so its number is still its own.
  auto netns = network::open_netns(pid_);
  if (!netns) return run_ended(std::unexpected(netns.error()));
  connecting_ = true;
  context_.networks.attach(spec_.pod, std::move(*netns), [self = shared_from_this()](const Result<void>& r) {
    self->connecting_ = false;
    if (!r || !self->ended_early_) return self->run_ended(r);
    self->context_.networks.detach(self->spec_.id, [self](const Result<void>&) { self->ended_while_made(); });
  });
}

/// The network's end is waited for: the next try makes it anew under the same name.
void Sandbox::ended_while_made() {
  ended_early_ = true;
  if (!connecting_) run_ended(fail("the sandbox ended while it was being made", spec_.id));
}

void Sandbox::run_ended(const Result<void>& result) {
  if (const auto done = std::exchange(running_, nullptr)) done(result);
}

}  // namespace podsd::engine
