// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/log_run.hpp"

#include <unistd.h>

#include <array>

namespace podsd::cli {
namespace {

constexpr std::int64_t second = 1'000'000;

// Times in a pod's status are whole seconds and are taken by the agent; lines are stamped by journald: a
// second on either side for rounding, and another one for lines that journald received late.
constexpr std::int64_t early = 1 * second;
constexpr std::int64_t late = 2 * second;

}  // namespace

std::string live_invocation(const std::string& units_dir, const std::string& unit) {
  const std::string link = units_dir + "/invocation:" + unit;
  std::array<char, 64> target{};
  const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
  return size == 32 ? std::string(target.data(), 32) : std::string();
}

Result<RunLines> find_run(Journal& journal, const Run& run, const std::string& units_dir) {
  const std::string live = live_invocation(units_dir, run.unit);
  if (run.kind == Run::Kind::running && !live.empty()) return RunLines{live, false};
  if (auto set = journal.filter(run.unit, ""); !set) return std::unexpected(set.error());
  const bool ended = run.kind == Run::Kind::ended && run.finished_at != 0;
  if (ended) journal.seek_time(run.finished_at + late);
  for (bool at = ended ? journal.previous() : journal.tail(1); at; at = journal.previous()) {
    const std::string invocation(journal.field("_SYSTEMD_INVOCATION_ID"));
    if (!live.empty() && invocation == live) continue;
    return RunLines{invocation, journal.time() < run.started_at - early};
  }
  return RunLines{"", true};
}

}  // namespace podsd::cli
