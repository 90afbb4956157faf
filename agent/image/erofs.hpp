// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/image/snapshotter.hpp"

namespace podsd::image {

/// In the folder of a layer of this form.
inline constexpr const char* erofs_image = "erofs";

/// A layer as one file, an erofs image (Documentation/filesystems/erofs.rst), that mkfs.erofs makes of the
/// unpacked tree: the same bytes for the same tree. The image is read back before the tree goes; a tree that
/// it does not give back as it was stays unpacked. The file gets fs-verity where the file system has it, and
/// is compared with the digest of then before each mount. `fs` is where it is mounted, once for all
/// containers.
[[nodiscard]] const Snapshotter& erofs_snapshotter();

}  // namespace podsd::image
