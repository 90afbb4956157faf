// SPDX-License-Identifier: Apache-2.0
#include "policies/qos.hpp"

namespace podsd::policies {
namespace {

bool given(const std::optional<std::int64_t>& quantity) {
  return quantity.value_or(0) != 0;
}

bool asks_for_nothing(const spec::Resources& r) {
  return !given(r.limits.cpu_milli) && !given(r.limits.memory_bytes) && !given(r.requests.cpu_milli) &&
         !given(r.requests.memory_bytes);
}

bool is_guaranteed(const spec::Resources& r) {
  return given(r.limits.cpu_milli) && given(r.limits.memory_bytes) &&
         r.requests.cpu_milli.value_or(*r.limits.cpu_milli) == *r.limits.cpu_milli &&
         r.requests.memory_bytes.value_or(*r.limits.memory_bytes) == *r.limits.memory_bytes;
}

}  // namespace

QosClass qos_class(const spec::Pod& pod) {
  bool nothing = true;
  bool guaranteed = true;
  for (const auto* list : {&pod.init_containers, &pod.containers})
    for (const spec::Container& c : *list) {
      nothing = nothing && asks_for_nothing(c.resources);
      guaranteed = guaranteed && is_guaranteed(c.resources);
    }
  if (nothing) return QosClass::best_effort;
  return guaranteed ? QosClass::guaranteed : QosClass::burstable;
}

std::string_view to_string(QosClass qos) {
  switch (qos) {
    case QosClass::guaranteed:
      return "Guaranteed";
    case QosClass::burstable:
      return "Burstable";
    case QosClass::best_effort:
      return "BestEffort";
  }
  return "";
}

}  // namespace podsd::policies
