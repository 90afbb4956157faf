// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sdbus-c++/Message.h>

#include <set>
#include <string>
#include <vector>

#include "units/systemd.hpp"

namespace podsd::dbus {

/// Writes `properties` as a(sv), each value in its own D-Bus type.
void append_properties(sdbus::Message& message, const std::vector<units::Property>& properties);

/// The property that systemd names in its refusal ("Cannot set property X, or unknown property."); empty
/// where the text names none of them.
[[nodiscard]] std::string refused_property(const std::string& text,
                                           const std::vector<units::Property>& properties);

/// Properties that this systemd refused, per kind of unit: what a slice lacks a scope may have.
class UnknownProperties {
 public:
  void learn(const std::string& unit, const std::string& property);
  /// Takes the unknown ones out of `properties` and gives their names.
  std::vector<std::string> drop(const std::string& unit, std::vector<units::Property>& properties) const;
  void forget() { names_.clear(); }

 private:
  std::set<std::string> names_;  ///< "scope Name"
};

}  // namespace podsd::dbus
