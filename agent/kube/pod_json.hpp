// SPDX-License-Identifier: Apache-2.0
// agent/kube owns how podsd's pods look to readers of the Kubernetes API. It turns values into JSON and must
// never know where they come from: no bus, no file, no clock.
#pragma once

#include <nlohmann/json.hpp>

#include "spec/pod.hpp"
#include "units/status.hpp"

namespace podsd::kube {

/// A core/v1 Pod object in the API reference's order of fields: `pod` as metadata and spec (the supported
/// fields, with defaults), `status` as its status. Fields that are empty are left out as the API server does.
/// Beyond core/v1, the status of a pod with hostUsers: false
/// carries `userNamespace` (the ids of the host that are its own), and each container status carries `unit`
/// (its scope) and, while it runs, `pid`; readers of core/v1 skip them. The result can be dumped without a
/// throw: text that is not UTF-8 has U+FFFD in place of the bad bytes.
[[nodiscard]] nlohmann::ordered_json pod_json(const spec::Pod& pod, const units::PodStatus& status);

}  // namespace podsd::kube
