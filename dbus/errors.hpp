// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sdbus-c++/Error.h>

#include <string>
#include <string_view>

#include "spec/result.hpp"

namespace podsd::dbus {

inline constexpr const char* error_property_read_only = "org.freedesktop.DBus.Error.PropertyReadOnly";
inline constexpr const char* error_unit_exists = "org.freedesktop.systemd1.UnitExists";

/// The errno that says what a D-Bus error name says (sd-bus-errors(3), org.freedesktop.systemd1(5)); 0 where
/// there is none.
[[nodiscard]] int errno_of(std::string_view error_name);

/// "method: text of the other side", with the unit (or another subject) and the errno of the error's name.
[[nodiscard]] Error to_error(const sdbus::Error& error, const std::string& method, std::string subject);

/// What a call gets that finds no bus, or loses it.
[[nodiscard]] Error no_bus(const std::string& method, std::string subject);

}  // namespace podsd::dbus
