// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/image/store.hpp"

namespace podsd::image {

/// Something in the store that is not what it was.
struct Damage {
  std::string what;                 ///< one line
  std::vector<std::string> images;  ///< names of the images that have it
};

struct Verified {
  std::size_t images = 0, layers = 0, blobs = 0;
  std::vector<Damage> damage;
};

/// Reads the whole store: every blob's digest is computed again, and every unpacked layer's tree_digest(),
/// which was recorded when it was unpacked; every record's parts must be there. Nothing is changed, and
/// imports, removals and starts go on meanwhile. Errors: the store cannot be read at all.
[[nodiscard]] Result<Verified> verify(const Store& store);

}  // namespace podsd::image
