// SPDX-License-Identifier: Apache-2.0
// Copying one file that is open on both sides. All give -1 and errno, as system calls do.
#pragma once

#include <sys/stat.h>

#include "agent/os/unique_fd.hpp"

namespace podsd::runtime {

/// The first `size` bytes of a regular file, its holes left as holes (lseek(2), SEEK_DATA). A file that has
/// become shorter ends in a hole.
[[nodiscard]] int copy_data(const UniqueFd& from, const UniqueFd& to, off_t size);

/// Owner and mode from `status`, extended attributes from `from`. Attributes that the target's file system
/// does not have, or that need more privileges (xattr(7)), are left out; so is security.selinux: a mount has
/// labels of its own.
[[nodiscard]] int copy_attributes(const UniqueFd& from, const struct stat& status, const UniqueFd& to);

/// When it was read and changed last.
[[nodiscard]] int copy_times(const struct stat& status, const UniqueFd& to);

}  // namespace podsd::runtime
