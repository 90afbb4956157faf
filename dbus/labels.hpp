// SPDX-License-Identifier: Apache-2.0
// Object paths hold names as systemd escapes them: letters and digits stay (a digit not in front), every
// other byte becomes "_xx", and the empty name "_". Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace podsd::dbus {

[[nodiscard]] std::string escape_label(std::string_view text);

/// The reverse; std::nullopt where `label` was not made by escape_label.
[[nodiscard]] std::optional<std::string> unescape_label(std::string_view label);

/// "pods-web.scope" → "/org/freedesktop/systemd1/unit/pods_2dweb_2escope"
[[nodiscard]] std::string unit_path(std::string_view unit);

/// The reverse; std::nullopt for any other path.
[[nodiscard]] std::optional<std::string> unit_of_path(std::string_view path);

/// "/org/podsd1/pod/<namespace>_2f<name>"
[[nodiscard]] std::string pod_path(std::string_view ns, std::string_view name);

}  // namespace podsd::dbus
