// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/plan_text.hpp"

namespace podsd::cli {

std::string unit_text(const units::UnitPlan& unit) {
  std::string out = "[" + unit.name + "]\n";
  for (const units::Property& property : unit.properties) out += units::to_string(property) + "\n";
  return out;
}

std::string plan_text(const units::Plan& plan) {
  std::string out = unit_text(plan.slice) + "\n" + unit_text(plan.sandbox) + "\n";
  for (const units::ContainerPlan& container : plan.containers) {
    out += unit_text(container.scope) +
           "# oom_score_adj of its processes: " + std::to_string(container.oom_score_adj) + "\n\n";
  }
  return out;
}

}  // namespace podsd::cli
