// SPDX-License-Identifier: Apache-2.0
// update: other limits for a container that is there.
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "agent/runtime/commands.hpp"
#include "agent/runtime/files.hpp"
#include "agent/runtime/own_cgroup.hpp"
#include "agent/runtime/scope_program.hpp"
#include "agent/runtime/state.hpp"
#include "agent/runtime/unit_properties.hpp"

namespace podsd::runtime {
namespace {

constexpr std::size_t max_resources_bytes = 1U << 20;

template <typename Number>
Result<void> take(const char* option, const std::string& word, std::optional<Number>& value) {
  if (word.empty()) return {};
  Number number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size())
    return fail(std::string(option) + " must be a number", word);
  value = number;
  return {};
}

Result<void> take_all(const LimitWords& words, Resources& resources) {
  auto done = take("--memory", words.memory, resources.memory.limit);
  if (done) done = take("--memory-reservation", words.memory_reservation, resources.memory.reservation);
  if (done) done = take("--memory-swap", words.memory_swap, resources.memory.swap);
  if (done) done = take("--cpu-shares", words.cpu_shares, resources.cpu.shares);
  if (done) done = take("--cpu-quota", words.cpu_quota, resources.cpu.quota);
  if (done) done = take("--cpu-period", words.cpu_period, resources.cpu.period);
  if (done) done = take("--cpu-burst", words.cpu_burst, resources.cpu.burst);
  if (done) done = take("--cpu-idle", words.cpu_idle, resources.cpu.idle);
  if (done) done = take("--pids-limit", words.pids_limit, resources.pids);
  if (done) done = take("--blkio-weight", words.blkio_weight, resources.block.weight);
  if (auto weight = resources.block.weight;
      done && weight && *weight != 0 && (*weight < 10 || *weight > 1000))
    return fail("--blkio-weight must be a number from 10 to 1000", std::to_string(*weight));
  if (resources.block.weight == 0) resources.block.weight.reset();
  if (!words.cpuset_cpus.empty()) resources.cpu.cpus = words.cpuset_cpus;
  if (!words.cpuset_mems.empty()) resources.cpu.mems = words.cpuset_mems;
  return done;
}

Result<std::string> read_stdin() {
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(STDIN_FILENO, buffer, sizeof buffer)) != 0;) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("cannot read", "stdin", errno);
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > max_resources_bytes) return fail("too large", "stdin");
  }
  return text;
}

Result<Resources> wanted(const Options& options) {
  Resources resources;
  if (!options.resources.empty()) {
    auto text = options.resources == "-" ? read_stdin() : read_file(options.resources, max_resources_bytes);
    if (!text) return std::unexpected(text.error());
    auto parsed = parse_resources(*text);
    if (!parsed) return parsed;
    resources = std::move(*parsed);
  }
  if (auto done = take_all(options.limits, resources); !done) return std::unexpected(done.error());
  return resources;
}

std::string first_line(const Cgroup& cgroup, const char* file) {
  auto text = cgroup.read(file);
  return text ? text->substr(0, text->find('\n')) : "";
}

// What an update leaves as it is, yet the new value depends on: the period of a quota, the limit of memory
// without swap.
void complete(const Cgroup& cgroup, Resources& resources) {
  auto& cpu = resources.cpu;
  if (cpu.quota.value_or(0) != 0 || cpu.period.value_or(0) != 0) {
    std::string now = first_line(cgroup, "cpu.max");
    auto space = std::min(now.find(' '), now.size());
    if (cpu.quota.value_or(0) == 0) static_cast<void>(take("", now.substr(0, space), cpu.quota));
    if (cpu.period.value_or(0) == 0 && space < now.size())
      static_cast<void>(take("", now.substr(space + 1), cpu.period));
  }
  auto& memory = resources.memory;
  if (memory.swap.value_or(0) > 0 && memory.limit.value_or(0) == 0)
    static_cast<void>(take("", first_line(cgroup, "memory.max"), memory.limit));
}

// linux.resources.memory.checkBeforeUpdate.
Result<void> check_use(const Cgroup& cgroup, const MemoryLimits& memory) {
  if (!memory.check_before_update || memory.limit.value_or(0) <= 0) return {};
  std::optional<std::int64_t> used;
  static_cast<void>(take("", first_line(cgroup, "memory.current"), used));
  if (used && *used > *memory.limit)
    return fail("memory.limit", "is less than the " + std::to_string(*used) + " bytes in use");
  return {};
}

// The kernel judges first, and its judgement can be taken back; then systemd learns what to keep. It writes
// its rounded values, so that the exact ones come once more.
Result<void> change(const Cgroup& cgroup, const std::string& scope, const std::vector<CgroupValue>& values,
                    const std::vector<std::string>& properties) {
  const auto before = cgroup.current(values);
  auto done = cgroup.apply(values);
  if (!done || scope.empty() || properties.empty()) return done;
  done = set_scope_properties(scope, properties);
  if (done) return cgroup.apply(values);
  cgroup.restore(before);
  return done;
}

}  // namespace

Result<int> update(const Options& options) {
  Folder folder(options.root, options.id);
  auto state = folder.load();
  if (!state) return std::unexpected(state.error());
  if (folder.status(*state) == Status::stopped) return fail("cannot update a container that is stopped");
  auto cgroup = own_cgroup(*state);
  if (!cgroup) return std::unexpected(cgroup.error());
  auto resources = wanted(options);
  if (!resources) return std::unexpected(resources.error());
  complete(*cgroup, *resources);
  if (auto fits = check_use(*cgroup, resources->memory); !fits) return std::unexpected(fits.error());
  auto values = cgroup_values(*resources);
  auto properties = unit_properties(*resources);
  if (!values || !properties) return std::unexpected(values ? properties.error() : values.error());
  auto done = change(*cgroup, state->scope, *values, *properties);
  if (!done) return std::unexpected(done.error());
  return 0;
}

}  // namespace podsd::runtime
