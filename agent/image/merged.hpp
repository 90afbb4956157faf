// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// Opens the unpacked layers of an image, the highest first, as the following take them.
[[nodiscard]] Result<std::vector<UniqueFd>> open_layers(
    const std::vector<std::filesystem::path>& lowest_first);

/// Opens, for reading, what `path` would be under an overlay mount of `roots` (fds of unpacked layers, the
/// highest first): whiteouts and opaque folders hide, symlinks are followed inside the merged tree only, by
/// fd and one name at a time. Gives a regular file, or of a folder the highest layer's. ENOENT where there is
/// none.
[[nodiscard]] Result<UniqueFd> open_merged(const std::vector<UniqueFd>& roots, const std::string& path);

/// The same file's or folder's own path: relative, without symlinks, "" for the root. Whoever mounts the
/// layers, which never change, finds it there without being led elsewhere.
[[nodiscard]] Result<std::string> resolve_merged(const std::vector<UniqueFd>& roots, const std::string& path);

}  // namespace podsd::image
