// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "agent/image/import_rules.hpp"
#include "policies/image_gc.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// What podsd.yaml says of images.
struct Settings {
  ImportRules rules;           ///< imageLimits, imageSnapshotter
  policies::ImageGcConfig gc;  ///< imageGC…, imageMinimumGCAge, pinnedImages
};

/// The defaults where there is no such file. Errors: every error in it, one a line (spec/config.hpp).
[[nodiscard]] Result<Settings> read_settings(const std::filesystem::path& config);

}  // namespace podsd::image
