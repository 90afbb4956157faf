// SPDX-License-Identifier: Apache-2.0
// Short words for pods in tables.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "spec/pod.hpp"

namespace podsd::tests {

using Amount = std::optional<std::int64_t>;
inline constexpr std::nullopt_t none = std::nullopt;
inline constexpr std::int64_t mi = 1 << 20;
inline constexpr std::int64_t gi = 1 << 30;

/// limits first, as in the documentation's examples: cpu in milli-CPUs, memory in bytes.
inline spec::Resources resources(Amount cpu_limit, Amount memory_limit, Amount cpu_request,
                                 Amount memory_request) {
  return {{cpu_limit, memory_limit}, {cpu_request, memory_request}};
}

inline spec::Container container(spec::Resources r) {
  spec::Container c;
  c.resources = r;
  return c;
}

inline spec::Pod pod(const std::vector<spec::Resources>& containers,
                     const std::vector<spec::Resources>& init = {}) {
  spec::Pod p;
  for (const spec::Resources& r : containers) p.containers.push_back(container(r));
  for (const spec::Resources& r : init) p.init_containers.push_back(container(r));
  return p;
}

}  // namespace podsd::tests
