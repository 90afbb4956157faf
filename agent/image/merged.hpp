// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// Opens, for reading, what `path` would be under an overlay mount of `roots` (fds of unpacked layers, the
/// highest first): whiteouts and opaque folders hide, symlinks are followed inside the merged tree only, by
/// fd and one name at a time. Gives a regular file, or of a folder the highest layer's. ENOENT where there is
/// none.
[[nodiscard]] Result<UniqueFd> open_merged(const std::vector<UniqueFd>& roots, const std::string& path);

}  // namespace podsd::image
