// SPDX-License-Identifier: Apache-2.0
// policies/ owns the decisions: pure functions from a Pod and facts about the node to values. It knows the
// kubelet's rules and the kernel's units, and nothing of systemd, D-Bus, files or clocks.
#pragma once

#include <string_view>

#include "spec/pod.hpp"

namespace podsd::policies {

/// core/v1 PodStatus.qosClass
enum class QosClass { guaranteed, burstable, best_effort };

/// Guaranteed: every container (init containers too) has cpu and memory limits, and requests equal to them.
/// BestEffort: none has a request or limit. Zero counts as absent. Else Burstable.
/// Source: "Pod Quality of Service Classes" of the Kubernetes documentation.
[[nodiscard]] QosClass qos_class(const spec::Pod& pod);

[[nodiscard]] std::string_view to_string(QosClass qos);

}  // namespace podsd::policies
