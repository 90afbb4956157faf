// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/image/store.hpp"

namespace podsd::image {

/// How the store keeps one layer.
struct LayerForm {
  std::string snapshotter;
  std::string verity;  ///< fs-verity digest, "sha256:…"; empty: none
};

/// Of each of image.layers, in their order. Errors: a layer that is gone or damaged.
[[nodiscard]] Result<std::vector<LayerForm>> layer_forms(const Image& image);

}  // namespace podsd::image
