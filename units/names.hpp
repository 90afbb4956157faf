// SPDX-License-Identifier: Apache-2.0
// Unit names of pods. systemd nests slices at every '-' (systemd.slice(5)), so a '-' inside a Kubernetes name
// becomes '_', which Kubernetes names never hold: the mapping can be read back. A name that would pass
// systemd's 255 bytes is cut and ends in ".." and 16 hex digits of its hash; Kubernetes names never hold
// "..".
#pragma once

#include <string>
#include <string_view>

namespace podsd::units {

/// The slice that holds all pods.
inline constexpr std::string_view root_slice = "pods.slice";

/// "pods-web" for pod web in namespace default, "pods-team_a:web" else: the common stem of the pod's units.
/// Never cut.
[[nodiscard]] std::string pod_stem(std::string_view ns, std::string_view pod);

/// "pods-web.slice"
[[nodiscard]] std::string pod_slice(std::string_view ns, std::string_view pod);

/// "pods-web.scope": the scope of the pod's sandbox process.
[[nodiscard]] std::string sandbox_scope(std::string_view ns, std::string_view pod);

/// "pods-web-nginx.scope"
[[nodiscard]] std::string container_scope(std::string_view ns, std::string_view pod,
                                          std::string_view container);

}  // namespace podsd::units
