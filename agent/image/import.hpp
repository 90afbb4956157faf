// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "agent/image/folders.hpp"

namespace podsd::image {

/// Store::import, in the folders of a store.
[[nodiscard]] Result<Image> import_image(const Folders& folders, const ImportRules& rules,
                                         const std::string& source, const std::optional<std::string>& name);

/// Store::import_pulled, in the folders of a store.
[[nodiscard]] Result<Image> import_pulled_image(const Folders& folders, const ImportRules& rules,
                                                const std::string& pulled, const std::string& reference);

}  // namespace podsd::image
