// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// Whether this kernel has erofs, loaded or to be loaded. The error says what is missing, and for which
/// setting.
[[nodiscard]] Result<void> check_erofs();

/// How a file becomes a mount.
enum class ErofsSource {
  file,  ///< itself: CONFIG_EROFS_FS_BACKED_BY_FILE, Linux 6.12
  loop,  ///< by way of a loop device
};

/// A read-only mount of the erofs image that `file` is open for reading of; it is attached nowhere and gone
/// with its fd (fsmount(2)). ENOTBLK where the kernel wants the other source.
[[nodiscard]] Result<UniqueFd> erofs_mount(int file, ErofsSource source);

/// The same, from whatever source this kernel takes.
[[nodiscard]] Result<UniqueFd> erofs_mount(int file);

}  // namespace podsd::image
