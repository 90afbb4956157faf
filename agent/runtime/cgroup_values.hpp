// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/runtime/resources.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// One value of a cgroup (Documentation/admin-guide/cgroup-v2.rst of the kernel).
struct CgroupValue {
  std::string field;  ///< of linux.resources, for errors
  std::string file;
  std::string text;  ///< each line is a write(2) of its own, as the kernel wants it
  /// The same limit for another part of the kernel; at least one of both files must be there.
  std::string other_file = {}, other_text = {};
};

/// What resources come to in the unified hierarchy, in the order of writing. Devices are not among them: see
/// device_program(). Errors: limits of memory and swap that contradict each other.
[[nodiscard]] Result<std::vector<CgroupValue>> cgroup_values(const Resources& resources);

/// memory.swap.max from a limit of memory and swap together; none where it is left as it is. Without any
/// limit of memory there is none of swap, as under cgroup v1.
[[nodiscard]] Result<std::optional<std::int64_t>> swap_alone(const MemoryLimits& memory);

/// The controller that a file belongs to: "memory" of "memory.max".
[[nodiscard]] std::string_view controller_of(std::string_view file);

/// io.weight (1 … 10,000) from the specification's weight (10 … 1000), in proportion.
[[nodiscard]] std::uint64_t io_weight(std::uint64_t weight);

/// "max" for -1.
[[nodiscard]] std::string limit_text(std::int64_t limit);

}  // namespace podsd::runtime
