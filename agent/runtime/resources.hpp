// SPDX-License-Identifier: Apache-2.0
// linux.resources of a configuration (config-linux.md, "Control groups"), read and checked without touching
// the system. What only the old hierarchy knows, and asks for something, is an error: nothing runs with less
// than it was promised.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/runtime/json_node.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// One of resources.devices. -1: any number.
struct DeviceRule {
  bool allow = false;
  char type = 'a';  ///< a (all kinds), b, c
  std::int64_t major = -1, minor = -1;
  std::string access = "rwm";  ///< of r, w, m (mknod)
};

/// resources.memory, in bytes; -1: no limit.
struct MemoryLimits {
  std::optional<std::int64_t> limit, reservation;
  std::optional<std::int64_t> swap;  ///< memory and swap together, as the old hierarchy counted
  bool check_before_update = false;  ///< an update to less than what is in use is an error
};

struct CpuLimits {
  std::optional<std::uint64_t> shares, period, burst;
  std::optional<std::int64_t> quota, idle;
  std::string cpus, mems;
};

/// A number for one block device or page size.
struct BlockLimit {
  std::uint32_t major = 0, minor = 0;
  std::uint64_t value = 0;
};
struct BlockLimits {
  std::optional<std::uint16_t> weight;  ///< 10 … 1000
  std::vector<BlockLimit> weights;
  std::vector<BlockLimit> read_bytes, write_bytes, read_operations, write_operations;  ///< per second
};

struct HugepageLimit {
  std::string page_size;  ///< "2MB", as hugetlbfs names it
  std::uint64_t bytes = 0;
};

struct RdmaLimit {
  std::string device;
  std::optional<std::uint32_t> handles, objects;
};

struct Resources {
  std::vector<DeviceRule> devices;
  MemoryLimits memory;
  CpuLimits cpu;
  std::optional<std::int64_t> pids;  ///< -1: no limit
  BlockLimits block;
  std::vector<HugepageLimit> hugepages;
  std::vector<RdmaLimit> rdma;
  std::vector<std::pair<std::string, std::string>> unified;  ///< file → what is written there
};

/// linux.resources, or an object like it. Errors are left at the node.
[[nodiscard]] Resources read_resources(const Node& node);

/// The same from text, as `update --resources` gets it. The error names the field.
[[nodiscard]] Result<Resources> parse_resources(std::string_view text);

}  // namespace podsd::runtime
