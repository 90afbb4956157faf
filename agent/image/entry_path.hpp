// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "spec/result.hpp"

namespace podsd::image {

/// A path inside a layer: relative, without "", "." and "..". The root itself has an empty name.
struct EntryPath {
  std::string parent;  ///< "" is the root
  std::string name;

  [[nodiscard]] std::string text() const { return parent.empty() ? name : parent + "/" + name; }
};

/// Reads a name of a tar entry. Absolute names are taken as relative to the root, as every unpacker does.
/// Errors: a ".." component.
[[nodiscard]] Result<EntryPath> parse_entry_path(std::string_view text);

/// What a name says about lower layers (image-spec layer.md, "Whiteouts").
enum class Marker {
  none,
  whiteout,  ///< ".wh.x": hides x
  opaque,    ///< ".wh..wh..opq": hides all that the folder has in lower layers
  ignored,   ///< other ".wh..wh." names: bookkeeping of AUFS
};

/// Errors: ".wh." without a name, a whiteout of "." or "..", a whiteout name as a folder on the way.
[[nodiscard]] Result<Marker> marker_of(const EntryPath& path);

inline constexpr std::string_view whiteout_prefix = ".wh.";

}  // namespace podsd::image
