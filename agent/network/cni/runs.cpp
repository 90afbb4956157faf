// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/runs.hpp"

#include "agent/os/files.hpp"

namespace podsd::network::cni {
namespace {

constexpr std::size_t largest_outcome = 1U << 20;

std::string unit_of(const std::string& instance) {
  return "podsd-cni@" + instance + ".service";
}

}  // namespace

void Runs::settle(const std::string& instance, Done<void> done) {
  if (settled_.contains(instance)) return done({});
  services_.stop(unit_of(instance), [this, instance, done = std::move(done)](const Result<void>& stopped) {
    if (stopped) settled_.insert(instance);
    done(stopped);
  });
}

void Runs::run(const std::string& instance, const Request& request, Done<Attachment> done) {
  settle(instance, [this, instance, request, done = std::move(done)](const Result<void>& settled) {
    const Result<void> ready = settled ? write(instance, request) : settled;
    if (!ready) return done(std::unexpected(ready.error()));
    services_.start(unit_of(instance),
                    [this, instance, done](const Result<void>& ended) { done(outcome(instance, ended)); });
  });
}

void Runs::end(const std::string& instance) {
  services_.stop(unit_of(instance), [](const Result<void>&) {});
}

Result<void> Runs::write(const std::string& instance, const Request& request) const {
  const auto folder = folder_ / instance;
  if (auto gone = os::remove_tree(folder); !gone) return gone;
  if (auto made = os::make_dirs(folder, 0700); !made) return made;
  return os::replace_file(folder / request_file, to_text(request));
}

Result<Attachment> Runs::outcome(const std::string& instance, const Result<void>& ended) {
  const auto text = os::read_file(folder_ / instance / outcome_file, largest_outcome);
  // Without the bus nobody knows whether it has ended.
  if (!ended && !text) settled_.erase(instance);
  static_cast<void>(os::remove_tree(folder_ / instance));
  if (text) return outcome_from(*text);
  return std::unexpected(ended ? text.error() : ended.error());
}

}  // namespace podsd::network::cni
