// SPDX-License-Identifier: Apache-2.0
// A sandbox with a network of its own: it is made once the sandbox has made its namespace.
#include <syslog.h>

#include "agent/engine/pod_files.hpp"
#include "agent/engine/sandbox.hpp"
#include "agent/journal.hpp"
#include "agent/network/netns.hpp"

namespace podsd::engine {

void Sandbox::connect_network() {
  // Nobody else reaps the process, so its number is still its own.
  auto netns = network::open_netns(pid_);
  if (!netns) return run_ended(std::unexpected(netns.error()));
  connecting_ = true;
  context_.networks.attach(spec_.pod, std::move(*netns),
                           [self = shared_from_this()](const Result<void>& r) { self->network_made(r); });
}

void Sandbox::network_made(const Result<void>& result) {
  connecting_ = false;
  const Result<void> made = !result || ended_early_ ? result : write_files();
  if (!result || (made && !ended_early_)) return run_ended(made);
  context_.networks.detach(spec_.id, [self = shared_from_this(), made](const Result<void>&) {
    if (made) return self->ended_while_made();
    self->run_ended(made);
  });
}

Result<void> Sandbox::write_files() const {
  const auto left_out = write_pod_files(folders_, spec_, context_.networks.find(spec_.id),
                                        context_.networks.nameservers(spec_.id));
  if (!left_out) return std::unexpected(left_out.error());
  if (!left_out->empty())
    journal::write(
        LOG_WARNING,
        "resolv.conf takes 3 nameservers and 32 search paths with 2048 characters: left out " + *left_out,
        {{"OBJECT_SYSTEMD_UNIT", spec_.slice.name}});
  return {};
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
