// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "policies/image_gc.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// What the agent tells podsd-image-gc.service.
struct GcRequest {
  policies::ImageGcConfig config;
  std::set<std::string> named;  ///< the image references of all pods
};

[[nodiscard]] std::string gc_request_text(const GcRequest& request);
/// Errors: not what gc_request_text writes.
[[nodiscard]] Result<GcRequest> parse_gc_request(const std::string& text);

/// Where it lies, below /run/podsd.
inline constexpr const char* gc_request_file = "image-gc.json";
/// Folders that nobody needs any more, below /var/lib/podsd; the service deletes what is in it.
inline constexpr const char* state_trash = "trash";

}  // namespace podsd::image
