// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/runs.hpp"

#include <cerrno>

#include "agent/os/files.hpp"

namespace podsd::network::cni {
namespace {

constexpr std::size_t largest_outcome = 1U << 20;

std::string unit_of(const std::string& instance) {
  return "podsd-cni@" + instance + ".service";
}

}  // namespace

void Runs::settle(const std::string& instance, Done<void> done) {
  // A run has a folder from before its start until its end was seen.
  const auto folder = folder_ / instance;
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return done({});
  // Where nothing runs any more, this is a run that does nothing; else it is joined.
  std::filesystem::remove(folder / request_file, error);
  services_.start(unit_of(instance), [folder, done = std::move(done)](const Result<void>& ended) {
    if (!ended && ended.error().code == ENOTCONN) return done(ended);
    done(os::remove_tree(folder));
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
  if (auto made = os::make_dirs(folder, 0700); !made) return made;
  return os::replace_file(folder / request_file, to_text(request));
}

Result<Attachment> Runs::outcome(const std::string& instance, const Result<void>& ended) const {
  const auto folder = folder_ / instance;
  const auto text = os::read_file(folder / outcome_file, largest_outcome);
  // Without the bus nobody knows whether it has ended: the folder tells the next one to wait.
  if (!text && !ended && ended.error().code == ENOTCONN) return std::unexpected(ended.error());
  static_cast<void>(os::remove_tree(folder));
  if (text) return outcome_from(*text);
  return std::unexpected(ended ? text.error() : ended.error());
}

}  // namespace podsd::network::cni
