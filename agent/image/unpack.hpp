// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/image/budget.hpp"
#include "agent/image/reader.hpp"
#include "spec/result.hpp"

namespace podsd::image {

struct Unpacked {
  std::uint64_t size = 0;  ///< bytes of file contents
  /// Folders that the layer has only because something lies in them: the tar says nothing of their mode and
  /// owner.
  std::vector<std::string> implicit_folders;
  bool opens_outputs = false;  ///< a symbolic link leads to /dev/stdout, or to another name of an output
};

/// Unpacks a layer (image-spec layer.md) into the empty folder `root`, by fd: every path is resolved as if
/// `root` were
/// "/", so that no symlink of the layer leads out of it. Kept: mode with setuid bits, numeric owner, times,
/// hard links, holes, fifos, the xattrs user.* and security.capability. `.wh.x` becomes a 0:0 character
/// device and `.wh..wh..opq` the xattr trusted.overlay.opaque of its folder, as overlayfs wants them; neither
/// touches what this layer itself brings. Device nodes below /dev are left out, because containers get a /dev
/// of their own. Errors: "..", hard links to what is not in the layer, other device nodes, `.wh.` without a
/// name, budgets. Reads `tar` to its end, so that a check there has the last word.
[[nodiscard]] Result<Unpacked> unpack_layer(Reader& tar, int root, Budget& budget);

}  // namespace podsd::image
