// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "units/plan.hpp"

namespace podsd::units {

/// The living units of a pod, each with the live properties that systemd was last given for it.
using Observed = std::map<std::string, std::vector<Property>>;

/// Properties to be set on one living unit.
struct UnitChange {
  std::string unit;
  std::vector<Property> properties;
  bool operator==(const UnitChange&) const = default;
};

/// What SetUnitProperties must be called with so that every observed unit has the limits that the plan wants.
/// Units that the plan does not name are left alone, as are units that are not observed: they get theirs when
/// they are started.
[[nodiscard]] std::vector<UnitChange> diff(const Plan& wanted, const Observed& observed);

}  // namespace podsd::units
