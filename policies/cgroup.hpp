// SPDX-License-Identifier: Apache-2.0
// From Kubernetes resources to the values of cgroup v2's interface files (kernel, admin-guide/cgroup-v2).
#pragma once

#include <cstdint>
#include <optional>

#include "spec/pod.hpp"

namespace podsd::policies {

/// What one cgroup gets. Absent means that nothing is set: unlimited, or the kernel's default.
struct CgroupValues {
  std::optional<std::uint64_t> cpu_weight;      ///< cpu.weight, 1 … 10,000
  std::optional<std::uint64_t> cpu_quota_usec;  ///< cpu.max's quota per period of 100 ms, microseconds
  std::optional<std::uint64_t> memory_max;      ///< memory.max, bytes
  std::optional<std::uint64_t> memory_high;     ///< memory.high, bytes
  bool operator==(const CgroupValues&) const = default;
};

/// What the operator chose in podsd.yaml, and the node's page size.
struct MemoryPolicy {
  /// KEP-2570's throttling factor f, 0 < f ≤ 1; absent: memory.high is never set.
  std::optional<double> throttling_factor;
  std::int64_t page_size = 4096;
};

/// cpu.max's quota for a CPU limit: milli-CPU · 100 µs per period of 100 ms, at least 1 ms (the kernel's
/// least).
[[nodiscard]] std::uint64_t cpu_quota_usec(std::int64_t cpu_milli);

/// cpu.weight for a CPU request: shares = clamp(milli·1024/1000, 2, 262,144), then
/// ceil(10^((L² + 125·L)/612 − 7/34)) with L = log2(shares), as runc and crun map them since 2025; 100m → 17,
/// 1 CPU → 100.
[[nodiscard]] std::uint64_t cpu_weight(std::int64_t cpu_milli);

/// memory.high by KEP-2570: floor((request + f·(limit − request)) / page) · page; none where request = limit
/// or f is absent. A missing request counts as 0.
[[nodiscard]] std::optional<std::uint64_t> memory_high(std::optional<std::int64_t> request,
                                                       std::int64_t limit, const MemoryPolicy& policy);

/// Values of a container's own cgroup.
[[nodiscard]] CgroupValues container_values(const spec::Resources& resources, const MemoryPolicy& policy);

/// The pod's request of each resource: max(largest init container, sum of the containers).
[[nodiscard]] spec::ResourceList pod_requests(const spec::Pod& pod);

/// Bytes that a pod's own sandbox process may need, added to the pod's memory.max (KEP-688's pod overhead).
inline constexpr std::int64_t sandbox_overhead_bytes = 1 << 20;

/// Values of the pod's cgroup. cpu.weight follows the pod's request. A limit is set only if every container
/// declares one: max(largest init container, sum of the containers), memory plus sandbox_overhead_bytes.
[[nodiscard]] CgroupValues pod_values(const spec::Pod& pod);

/// oom_score_adj of a container's processes: Guaranteed −997, BestEffort 1000, Burstable
/// clamp(1000 − 1000·request/capacity, 3, 999). `capacity`: the node's memory, bytes, > 0.
[[nodiscard]] int oom_score_adj(const spec::Pod& pod, const spec::Container& container,
                                std::int64_t capacity);

}  // namespace podsd::policies
