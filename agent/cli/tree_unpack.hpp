// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "agent/cli/tree_pack.hpp"

namespace podsd::cli {

/// Whom the files that are made belong to.
struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Reads a tar archive from `in` and makes what is in it below the folder `target`, whatever links lie or
/// come there meanwhile: no component of a name may be one. A file or link of the same name is replaced, not
/// written through; one that cannot be replaced because something is mounted there is overwritten. A folder
/// that exists stays as it is. Kept: permissions without setuid, setgid and sticky bits, and times. Hard
/// links must lead to what lies below `target`; devices, fifos and sockets are left out. Errors: "..", a file
/// in the place of a folder or the other way round, what cannot be written.
[[nodiscard]] Result<void> unpack_tree(int in, const UniqueFd& target, const Owner& owner, const Warn& warn);

}  // namespace podsd::cli
