// SPDX-License-Identifier: Apache-2.0
#include "units/diff.hpp"

#include <algorithm>

namespace podsd::units {
namespace {

void compare(const UnitPlan& unit, const Observed& observed, std::vector<UnitChange>& out) {
  const auto found = observed.find(unit.name);
  if (found == observed.end()) return;
  UnitChange change{unit.name, {}};
  for (Property& wanted : live_properties(unit))
    if (std::ranges::find(found->second, wanted) == found->second.end())
      change.properties.push_back(std::move(wanted));
  if (!change.properties.empty()) out.push_back(std::move(change));
}

}  // namespace

std::vector<UnitChange> diff(const Plan& wanted, const Observed& observed) {
  std::vector<UnitChange> changes;
  compare(wanted.slice, observed, changes);
  compare(wanted.sandbox, observed, changes);
  for (const ContainerPlan& c : wanted.containers) compare(c.scope, observed, changes);
  return changes;
}

}  // namespace podsd::units
