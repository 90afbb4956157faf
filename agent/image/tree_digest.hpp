// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "spec/result.hpp"

namespace podsd::image {

/// A SHA-256, 64 hex digits, over all that a container can see of the folder `root` and what overlayfs reads
/// from it: names, types, modes, owners, modification times, sizes, contents, targets of links, device
/// numbers, which names are one file, and the xattrs user.*, security.capability and trusted.overlay.*. The
/// same tree gives the same digest on every file system. Reads every file. Walks by fd and holds two at a
/// time; the memory that it takes grows with the names in the folders on the way and with hard links.
[[nodiscard]] Result<std::string> tree_digest(int root);

}  // namespace podsd::image
