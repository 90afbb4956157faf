// SPDX-License-Identifier: Apache-2.0
// fs-verity (Documentation/filesystems/fsverity.rst): the kernel keeps a file as it is and checks each page
// that is read.
#pragma once

#include <string>

#include "spec/result.hpp"

namespace podsd::image {

/// Makes the file unchangeable for good. `file` is open for reading, nobody has it open for writing. Gives
/// its digest, "sha256:" and 64 hex digits, or "" where the kernel or the file system has no fs-verity.
[[nodiscard]] Result<std::string> enable_verity(int file);

/// The digest as the kernel has it now. ENODATA where the file has none.
[[nodiscard]] Result<std::string> verity_digest(int file);

}  // namespace podsd::image
