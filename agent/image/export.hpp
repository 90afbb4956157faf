// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "agent/image/store.hpp"

namespace podsd::image {

/// Copies an image out of the store, its manifest, configuration and layers as they came (converted where the
/// destination's format asks for it). `destination`: see named_destination() in transport.hpp. Errors: no
/// such image (ENOENT); one that an earlier podsd imported, which kept no blobs; skopeo's own words.
[[nodiscard]] Result<void> export_image(const Store& store, const std::string& reference,
                                        const std::string& destination, std::chrono::seconds deadline);

}  // namespace podsd::image
