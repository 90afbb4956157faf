// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/image/budget.hpp"
#include "agent/image/snapshotter.hpp"

namespace podsd::image {

/// What podsd.yaml says of images that come in.
struct ImportRules {
  Budget budget;                                              ///< imageLimits
  const Snapshotter* snapshotter = &overlayfs_snapshotter();  ///< imageSnapshotter: the form of new layers
};

}  // namespace podsd::image
