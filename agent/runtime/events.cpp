// SPDX-License-Identifier: Apache-2.0
// events: statistics and out-of-memory events.
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <nlohmann/json.hpp>

#include "agent/runtime/commands.hpp"
#include "agent/runtime/own_cgroup.hpp"
#include "agent/runtime/state.hpp"
#include "agent/runtime/stats.hpp"

namespace podsd::runtime {
namespace {

Result<void> print(const std::string& id, const char* type, const nlohmann::ordered_json* data) {
  nlohmann::ordered_json event{{"type", type}, {"id", id}};
  if (data != nullptr) event["data"] = *data;
  std::string line = event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (write(STDOUT_FILENO, line.data(), line.size()) < 0) return fail("cannot print", {}, errno);
  return {};
}

Result<void> print_stats(const std::string& id, const Cgroup& cgroup) {
  auto data = stats_of([&](const std::string& file) {
    auto text = cgroup.read(file);
    return text ? *text : "";
  });
  return print(id, "stats", &data);
}

std::int64_t now_ms() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// The kernel modifies memory.events and cgroup.events with each change (cgroup-v2.rst), which inotify(7)
// tells.
Result<UniqueFd> watch(const Cgroup& cgroup) {
  UniqueFd changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  const std::string folder = "/proc/self/fd/" + std::to_string(cgroup.folder().get());
  bool watched =
      changes && inotify_add_watch(changes.get(), (folder + "/cgroup.events").c_str(), IN_MODIFY) >= 0;
  if (!watched) return fail("cannot watch the cgroup", cgroup.path(), errno);
  // Not there without a controller for memory; then there are no such events.
  inotify_add_watch(changes.get(), (folder + "/memory.events").c_str(), IN_MODIFY);
  return changes;
}

std::uint64_t oom_kills(const Cgroup& cgroup) {
  auto events = cgroup.read("memory.events");
  return events ? number_of(*events, "oom_kill") : 0;
}

bool populated(const Cgroup& cgroup) {
  auto events = cgroup.read("cgroup.events");
  return events && number_of(*events, "populated") == 1;
}

Result<void> follow(const Options& options, const Cgroup& cgroup) {
  auto changes = watch(cgroup);
  if (!changes) return std::unexpected(changes.error());
  std::uint64_t known = oom_kills(cgroup);
  std::int64_t next = now_ms();
  while (populated(cgroup)) {
    if (now_ms() >= next) {
      if (auto done = print_stats(options.id, cgroup); !done) return done;
      next += std::int64_t{options.interval} * 1000;
    }
    pollfd change = {changes->get(), POLLIN, 0};
    poll(&change, 1, static_cast<int>(std::max<std::int64_t>(next - now_ms(), 0)));
    char buffer[4096];
    while (read(changes->get(), buffer, sizeof buffer) > 0) {
    }
    for (std::uint64_t now = oom_kills(cgroup); known < now; ++known)
      if (auto done = print(options.id, "oom", nullptr); !done) return done;
  }
  return {};
}

}  // namespace

Result<int> events(const Options& options) {
  Folder folder(options.root, options.id);
  auto state = folder.load();
  if (!state) return std::unexpected(state.error());
  if (folder.status(*state) == Status::stopped) return fail("container not running", {}, ESRCH);
  auto cgroup = own_cgroup(*state);
  if (!cgroup) return std::unexpected(cgroup.error());
  auto done = options.stats ? print_stats(options.id, *cgroup) : follow(options, *cgroup);
  if (!done) return std::unexpected(done.error());
  return 0;
}

}  // namespace podsd::runtime
