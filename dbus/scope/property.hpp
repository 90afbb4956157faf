// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemd/sd-bus.h>

namespace podsd::dbus {

/// Appends the (sv) of a property given as NAME=TYPE:VALUE to a message. Types: b, s, t, au (one number), ay
/// (hexadecimal digits), a(ss) ("first second,first second"). Gives a negative errno: EINVAL for a word that
/// is none.
[[nodiscard]] int append_property(sd_bus_message* message, const char* word);

}  // namespace podsd::dbus
