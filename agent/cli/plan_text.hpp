// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "units/plan.hpp"

namespace podsd::cli {

/// One unit as unit files are written: "[pods-web.slice]" and its properties below, one a line.
[[nodiscard]] std::string unit_text(const units::UnitPlan& unit);

/// Slice, sandbox and container scopes of a pod, with an empty line behind each.
[[nodiscard]] std::string plan_text(const units::Plan& plan);

}  // namespace podsd::cli
