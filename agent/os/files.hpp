// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "spec/result.hpp"

namespace podsd::os {

/// Reads a whole file of at most `limit` bytes. Errors: EFBIG for a longer one, errno of open(2) or read(2).
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit = 1U << 20);

/// Replaces `path` in one step: a temporary file beside it, written, synced if `durable`, renamed. Mode 0600
/// unless told.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& path, std::string_view text,
                                        bool durable = false, unsigned mode = 0600);

/// Writes into an existing file of /proc, /sys or a cgroup: one write(2), no O_CREAT.
[[nodiscard]] Result<void> write_existing(const std::filesystem::path& path, std::string_view text);

/// mkdir -p with this mode for the last component; one that exists keeps its own.
[[nodiscard]] Result<void> make_dirs(const std::filesystem::path& path, unsigned mode);

/// rm -rf; symlinks are removed, never followed; nothing there is no error.
[[nodiscard]] Result<void> remove_tree(const std::filesystem::path& path);

}  // namespace podsd::os
