// SPDX-License-Identifier: Apache-2.0
// The few file operations that the store is made of.
#pragma once

#include <linux/openat2.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// openat2(2) with RESOLVE_IN_ROOT: `path` is resolved as if `root` were "/", whatever symlinks and ".." lie
/// on the way. Always O_CLOEXEC. -1 and errno on failure.
[[nodiscard]] UniqueFd open_in_root(int root, const std::string& path, int flags);

/// Opens or makes the folder `name` (0700) below `dir`.
[[nodiscard]] Result<UniqueFd> make_folder(int dir, const std::string& name);

/// A whole regular file of at most `cap` bytes. Never follows a last symlink. ENOENT where there is none.
[[nodiscard]] Result<std::string> read_file(int dir, const std::string& name, std::size_t cap);

/// Makes a new file (0600) for writing.
[[nodiscard]] Result<UniqueFd> make_file(int dir, const std::string& name);

/// All of the bytes, however often write(2) has to be called.
[[nodiscard]] Result<void> write_all(int fd, std::string_view bytes);

/// Writes a new file (0600) and syncs it.
[[nodiscard]] Result<void> write_new_file(int dir, const std::string& name, const std::string& text);

/// The names in a folder but "." and "..", unsorted.
[[nodiscard]] Result<std::vector<std::string>> names_in(int dir);

/// Deletes `name` below `dir` and all that is in it; what is already gone is no error. Follows no symlink and
/// enters no other file system. One caller at a time per tree.
[[nodiscard]] Result<void> remove_tree(int dir, const std::string& name);

enum class LockMode { shared, exclusive };

/// flock(2) on the file `name` below `dir` until the fd is closed; waits for it.
[[nodiscard]] Result<UniqueFd> lock_file(int dir, const std::string& name, LockMode mode);

/// 16 hex digits from getrandom(2).
[[nodiscard]] std::string random_name();

}  // namespace podsd::image
