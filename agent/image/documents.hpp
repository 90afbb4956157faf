// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/image/manifest.hpp"
#include "agent/image/record.hpp"
#include "agent/image/store.hpp"

namespace podsd::image {

/// All that the store knows of an image.
struct Documents {
  Record record;
  Document manifest;  ///< as it came; of a docker archive the one that was made for it
  Document configuration;
  std::vector<std::string> names;   ///< every name of the same configuration, sorted
  std::int64_t last_used_usec = 0;  ///< CLOCK_REALTIME
};

/// Errors: no such image (ENOENT); one that an earlier podsd imported, which kept no blobs.
[[nodiscard]] Result<Documents> read_documents(const Store& store, const std::string& reference);

}  // namespace podsd::image
