// SPDX-License-Identifier: Apache-2.0
// Paths inside a container's root, which its image and its volumes control: every component may be a symbolic
// link, or become one while it is looked at. They are walked by file descriptor and never leave the root.
#pragma once

#include <string_view>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// Opens a path (O_PATH) as a process with this root would (openat2(2), RESOLVE_IN_ROOT), without magic
/// links. `no_symlinks` refuses any symbolic link on the way (ELOOP). The error's code is that of the open.
[[nodiscard]] Result<UniqueFd> open_in_root(const UniqueFd& root, std::string_view path,
                                            bool no_symlinks = false);

/// The same for a directory, which is made (0755) with its parents where it is missing. A link to what does
/// not exist is followed and its target made, inside the root.
[[nodiscard]] Result<UniqueFd> make_directory_in_root(const UniqueFd& root, std::string_view path);

/// A path's last component, with the open directory that it is or will be in (made where missing).
struct Place {
  UniqueFd parent;
  std::string name;
};
[[nodiscard]] Result<Place> place_in_root(const UniqueFd& root, std::string_view path);

/// Opens what a bind mount of a file needs as its target: an existing file, or a new empty one (0644).
[[nodiscard]] Result<UniqueFd> make_file_in_root(const UniqueFd& root, std::string_view path);

}  // namespace podsd::runtime
