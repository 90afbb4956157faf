// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/image/folders.hpp"
#include "agent/image/staging.hpp"

namespace podsd::image {

/// Moves the staged layers into the store and then the record to its name, replacing what had the name;
/// collects what nobody uses any more. `record` has everything but size and layers.
[[nodiscard]] Result<Image> publish(const Folders& folders, const Staging& staging, Record record);

/// Writes the record to its name, by way of the folder `workspace`. Only with lock_names held.
[[nodiscard]] Result<void> write_record(const Folders& folders, int workspace, Record record);

}  // namespace podsd::image
