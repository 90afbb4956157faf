// SPDX-License-Identifier: Apache-2.0
#include "policies/cgroup.hpp"

#include <algorithm>
#include <limits>

#include "policies/cpu_weight.hpp"
#include "policies/qos.hpp"

namespace podsd::policies {
namespace {

using Amount = std::optional<std::int64_t>;
using Field = Amount spec::ResourceList::*;

/// A request that is absent is the limit (core/v1 ResourceRequirements).
Amount request(const spec::Resources& r, Field field) {
  return r.requests.*field ? r.requests.*field : r.limits.*field;
}

Amount limit(const spec::Resources& r, Field field) {
  return r.limits.*field;
}

/// Sums of absurd quantities stay at the largest amount instead of overflowing.
std::int64_t add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

/// max(largest init container, sum of the containers); with `all`, none unless every container has an amount.
Amount over_pod(const spec::Pod& pod, Amount (*get)(const spec::Resources&, Field), Field field, bool all) {
  std::int64_t largest = 0;
  std::int64_t sum = 0;
  bool any = false;
  for (const auto* list : {&pod.init_containers, &pod.containers})
    for (const spec::Container& c : *list) {
      const std::int64_t amount = get(c.resources, field).value_or(0);
      if (amount == 0 && all) return std::nullopt;
      any = any || amount != 0;
      if (list == &pod.containers)
        sum = add(sum, amount);
      else
        largest = std::max(largest, amount);
    }
  return any ? Amount(std::max(largest, sum)) : std::nullopt;
}

}  // namespace

std::uint64_t cpu_quota_usec(std::int64_t cpu_milli) {
  // A limit beyond a billion CPUs is none; capping it keeps this and the plan's products from overflowing.
  const auto milli = std::clamp<std::int64_t>(cpu_milli, 0, 1'000'000'000'000);
  return std::max<std::uint64_t>(1000, static_cast<std::uint64_t>(milli) * 100);
}

std::uint64_t cpu_weight(std::int64_t cpu_milli) {
  // Beyond 256 CPUs the shares are capped anyway; capping first keeps the product from overflowing.
  const std::int64_t milli = std::min<std::int64_t>(cpu_milli, 256'000);
  return weight_of_shares(static_cast<std::uint64_t>(std::max<std::int64_t>(milli, 0)) * 1024 / 1000);
}

std::optional<std::uint64_t> memory_high(Amount request, std::int64_t limit, const MemoryPolicy& policy) {
  if (!policy.throttling_factor || request == limit) return std::nullopt;
  const auto base = static_cast<double>(request.value_or(0));
  const double high = base + *policy.throttling_factor * (static_cast<double>(limit) - base);
  return static_cast<std::uint64_t>(high / static_cast<double>(policy.page_size)) *
         static_cast<std::uint64_t>(policy.page_size);
}

CgroupValues container_values(const spec::Resources& resources, const MemoryPolicy& policy) {
  CgroupValues values;
  const Amount cpu_request = request(resources, &spec::ResourceList::cpu_milli);
  // No request at all gets the smallest share, as in the kubelet.
  values.cpu_weight = cpu_weight(cpu_request.value_or(0));
  if (const Amount cpu = resources.limits.cpu_milli; cpu && *cpu > 0)
    values.cpu_quota_usec = cpu_quota_usec(*cpu);
  if (const Amount memory = resources.limits.memory_bytes; memory && *memory > 0) {
    values.memory_max = static_cast<std::uint64_t>(*memory);
    values.memory_high = memory_high(request(resources, &spec::ResourceList::memory_bytes), *memory, policy);
  }
  return values;
}

spec::ResourceList pod_requests(const spec::Pod& pod) {
  return {over_pod(pod, request, &spec::ResourceList::cpu_milli, false),
          over_pod(pod, request, &spec::ResourceList::memory_bytes, false)};
}

CgroupValues pod_values(const spec::Pod& pod) {
  CgroupValues values;
  values.cpu_weight = cpu_weight(pod_requests(pod).cpu_milli.value_or(0));
  if (const Amount cpu = over_pod(pod, limit, &spec::ResourceList::cpu_milli, true))
    values.cpu_quota_usec = cpu_quota_usec(*cpu);
  if (const Amount memory = over_pod(pod, limit, &spec::ResourceList::memory_bytes, true))
    values.memory_max = static_cast<std::uint64_t>(add(*memory, sandbox_overhead_bytes));
  return values;
}

int oom_score_adj(const spec::Pod& pod, const spec::Container& container, std::int64_t capacity) {
  switch (qos_class(pod)) {
    case QosClass::guaranteed:
      return -997;
    case QosClass::best_effort:
      return 1000;
    case QosClass::burstable:
      break;
  }
  const Amount memory = request(container.resources, &spec::ResourceList::memory_bytes);
  // In whole numbers, as the kubelet: the share is rounded down, so the adjustment is rounded up.
  const __int128 share = __int128{1000} * memory.value_or(0) / std::max<std::int64_t>(capacity, 1);
  return static_cast<int>(std::clamp<__int128>(1000 - share, 3, 999));
}

}  // namespace podsd::policies
