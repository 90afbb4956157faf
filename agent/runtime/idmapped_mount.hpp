// SPDX-License-Identifier: Apache-2.0
// Idmapped mounts (mount_setattr(2), "ID-mapped mounts"): the ids of files on a disk seen as others, through
// one mount of them.
#pragma once

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/id_map.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// A user namespace of these maps in which no process lives.
[[nodiscard]] Result<UniqueFd> make_user_namespace(const UserMaps& maps);

/// Shows what lies on a detached mount (and on the whole tree if `recursive`) with the ids of a user
/// namespace: the file of an id inside of it belongs to the id outside. Errors: a file system that has no
/// such mounts.
[[nodiscard]] Result<void> idmap_mount(const UniqueFd& mount, const UniqueFd& user_namespace, bool recursive);

}  // namespace podsd::runtime
