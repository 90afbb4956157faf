// SPDX-License-Identifier: Apache-2.0
// The two large halves of pod_json(), and what they share. Inside agent/kube only.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "agent/kube/text.hpp"
#include "spec/pod.hpp"
#include "units/status.hpp"

namespace podsd::kube {

/// core/v1 PodSpec
[[nodiscard]] nlohmann::ordered_json spec_json(const spec::Pod& pod);

/// The fields of core/v1 PodSpec about names, put into `out`.
void put_names(nlohmann::ordered_json& out, const spec::PodNames& names);

/// core/v1 PodStatus
[[nodiscard]] nlohmann::ordered_json status_json(const units::PodStatus& status);

/// Sets object[key] to the text, unless it is empty (Go's omitempty).
inline void put(nlohmann::ordered_json& object, const char* key, std::string_view text) {
  if (!text.empty()) object[key] = utf8_text(text);
}

/// Sets object[key] to a metav1.Time, unless it is 0.
inline void put_time(nlohmann::ordered_json& object, const char* key, units::Instant time) {
  if (time != 0) object[key] = time_text(time);
}

}  // namespace podsd::kube
