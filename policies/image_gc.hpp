// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace podsd::policies {

/// When images are collected (kubelet configuration: imageGCHighThresholdPercent,
/// imageGCLowThresholdPercent, imageMinimumGCAge), and which never are.
struct ImageGcConfig {
  int high_percent = 85;                        ///< of the disk in use; 100: never
  int low_percent = 80;                         ///< where collecting ends
  std::int64_t minimum_age_usec = 120'000'000;  ///< that an image must be in the store
  /// Names that stay, '*' for any text. What is imported by hand under localhost/ no registry would give
  /// back.
  std::vector<std::string> pinned = {"localhost/*"};
  bool operator==(const ImageGcConfig&) const = default;
};

/// One image, under all its names.
struct ImageUse {
  std::string id;
  std::vector<std::string> names;
  std::uint64_t bytes = 0;          ///< of its unpacked files
  std::int64_t imported_usec = 0;   ///< when its newest name came, on the same clock as `now`
  std::int64_t last_used_usec = 0;  ///< when a container last began or ended with it; or imported_usec
  bool in_use = false;              ///< a container runs from it, or a pod names it
};

/// How much has to go, for a disk of `capacity` bytes with `available` left: nothing below the high
/// threshold, else what leads down to the low one (kubelet, image_gc_manager).
[[nodiscard]] std::uint64_t bytes_to_free(const ImageGcConfig& config, std::uint64_t capacity,
                                          std::uint64_t available);

/// Whether that much of the disk is in use that collecting may soon be needed.
[[nodiscard]] bool near_threshold(const ImageGcConfig& config, std::uint64_t capacity,
                                  std::uint64_t available);

/// Whether a pattern covers the name.
[[nodiscard]] bool is_pinned(const ImageGcConfig& config, const std::string& name);

/// The images that may go, the least recently used first, of equal ones the older: not in use, no name
/// pinned, in the store for the minimum age.
[[nodiscard]] std::vector<ImageUse> collectable(std::vector<ImageUse> images, const ImageGcConfig& config,
                                                std::int64_t now_usec);

}  // namespace podsd::policies
