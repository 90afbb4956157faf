// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "spec/manifest.hpp"

namespace podsd::spec {

/// Every value of a pod, one a line, for golden files. Absent values leave no line.
std::string dump(const Pod& pod);

/// The diagnostics of a manifest and, behind them, its pods.
std::string dump(const Manifest& manifest);

}  // namespace podsd::spec
