// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/cgroup_values.hpp"

#include "policies/cpu_weight.hpp"

namespace podsd::runtime {
namespace {

using Values = std::vector<CgroupValue>;

Result<void> add_memory(const MemoryLimits& memory, Values& values) {
  auto swap = swap_alone(memory);
  if (!swap) return std::unexpected(swap.error());
  if (*swap) values.push_back({"memory.swap", "memory.swap.max", limit_text(**swap)});
  // 0 is how callers write a limit that is not set.
  if (memory.limit.value_or(0) != 0)
    values.push_back({"memory.limit", "memory.max", limit_text(*memory.limit)});
  if (memory.reservation.value_or(0) != 0)
    values.push_back({"memory.reservation", "memory.low", limit_text(*memory.reservation)});
  return {};
}

void add_cpu(const CpuLimits& cpu, Values& values) {
  if (cpu.shares.value_or(0) != 0)
    values.push_back({"cpu.shares", "cpu.weight", std::to_string(policies::weight_of_shares(*cpu.shares))});
  if (cpu.idle) values.push_back({"cpu.idle", "cpu.idle", std::to_string(*cpu.idle)});
  if (std::uint64_t period = cpu.period.value_or(0); cpu.quota.value_or(0) != 0 || period != 0) {
    std::string quota = cpu.quota.value_or(-1) > 0 ? std::to_string(*cpu.quota) : "max";
    if (period != 0) quota += " " + std::to_string(period);  // else the period stays
    values.push_back({"cpu.quota", "cpu.max", quota});
  }
  if (cpu.burst) values.push_back({"cpu.burst", "cpu.max.burst", std::to_string(*cpu.burst)});
  if (!cpu.cpus.empty()) values.push_back({"cpu.cpus", "cpuset.cpus", cpu.cpus});
  if (!cpu.mems.empty()) values.push_back({"cpu.mems", "cpuset.mems", cpu.mems});
}

std::string device_of(const BlockLimit& limit) {
  return std::to_string(limit.major) + ":" + std::to_string(limit.minor) + " ";
}

void add_throttles(const char* field, const char* key, const std::vector<BlockLimit>& limits,
                   Values& values) {
  for (const auto& one : limits)
    values.push_back(
        {field, "io.max", device_of(one) + key + "=" + (one.value == 0 ? "max" : std::to_string(one.value))});
}

void add_block(const BlockLimits& block, Values& values) {
  if (block.weight)
    values.push_back({"blockIO.weight", "io.weight", "default " + std::to_string(io_weight(*block.weight)),
                      "io.bfq.weight", std::to_string(*block.weight)});
  for (const auto& one : block.weights)
    values.push_back({"blockIO.weightDevice", "io.weight",
                      device_of(one) + std::to_string(io_weight(one.value)), "io.bfq.weight",
                      device_of(one) + std::to_string(one.value)});
  add_throttles("blockIO.throttleReadBpsDevice", "rbps", block.read_bytes, values);
  add_throttles("blockIO.throttleWriteBpsDevice", "wbps", block.write_bytes, values);
  add_throttles("blockIO.throttleReadIOPSDevice", "riops", block.read_operations, values);
  add_throttles("blockIO.throttleWriteIOPSDevice", "wiops", block.write_operations, values);
}

void add_rdma(const RdmaLimit& limit, Values& values) {
  std::string text = limit.device;
  if (limit.handles) text += " hca_handle=" + std::to_string(*limit.handles);
  if (limit.objects) text += " hca_object=" + std::to_string(*limit.objects);
  values.push_back({"rdma", "rdma.max", text});
}

}  // namespace

Result<std::optional<std::int64_t>> swap_alone(const MemoryLimits& memory) {
  std::int64_t limit = memory.limit.value_or(0), both = memory.swap.value_or(0);
  if (limit == -1 && both == 0) return -1;
  if (both == 0) return std::nullopt;
  if (both == -1) return -1;
  if (limit <= 0) return fail("memory.swap", "a limit of memory and swap needs a limit of memory");
  if (both < limit) return fail("memory.swap", "must not be less than memory.limit");
  return both - limit;
}

Result<std::vector<CgroupValue>> cgroup_values(const Resources& resources) {
  Values values;
  if (auto done = add_memory(resources.memory, values); !done) return std::unexpected(done.error());
  add_cpu(resources.cpu, values);
  if (resources.pids.value_or(0) != 0)
    values.push_back({"pids.limit", "pids.max", limit_text(*resources.pids)});
  add_block(resources.block, values);
  for (const auto& one : resources.hugepages) {
    std::string name = "hugetlb." + one.page_size, bytes = std::to_string(one.bytes);
    values.push_back({"hugepageLimits", name + ".max", bytes, name + ".rsvd.max", bytes});
  }
  for (const auto& one : resources.rdma) add_rdma(one, values);
  for (const auto& [file, text] : resources.unified) values.push_back({"unified." + file, file, text});
  return values;
}

std::string_view controller_of(std::string_view file) {
  return file.substr(0, file.find('.'));
}

std::uint64_t io_weight(std::uint64_t weight) {
  return 1 + (weight - 10) * 9999 / 990;
}

std::string limit_text(std::int64_t limit) {
  return limit < 0 ? "max" : std::to_string(limit);
}

}  // namespace podsd::runtime
