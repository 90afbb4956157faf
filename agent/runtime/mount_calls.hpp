// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// A detached copy of the mount at `path` below `dir` ("" is `dir` itself), with everything below it if
/// `recursive` (open_tree(2)). It is not seen anywhere until it is attached.
[[nodiscard]] Result<UniqueFd> clone_mount(int dir, const std::string& path, bool recursive);

/// Sets and clears MOUNT_ATTR_* and, unless 0, the propagation type (MS_PRIVATE, …) of the mount that `mount`
/// is the root of, or of the whole tree (mount_setattr(2)).
[[nodiscard]] Result<void> change_mount(const UniqueFd& mount, std::uint64_t set, std::uint64_t clear,
                                        std::uint64_t propagation, bool recursive);

/// Puts a detached mount onto what `target` refers to (move_mount(2)).
[[nodiscard]] Result<void> attach_mount(const UniqueFd& mount, const UniqueFd& target);

/// An empty read-only tmpfs, detached.
[[nodiscard]] Result<UniqueFd> empty_filesystem();

/// A file system of that type, detached, with MOUNT_ATTR_* and the data of mount(2) ("hidepid=2,…").
[[nodiscard]] Result<UniqueFd> detached_filesystem(const std::string& type, const std::string& data,
                                                   std::uint64_t attributes);

/// A procfs of this process's pid namespace that is mounted nowhere: nothing can lie over its files. Not to
/// be had in a user namespace whose own /proc hides something.
[[nodiscard]] Result<UniqueFd> fresh_procfs();

}  // namespace podsd::runtime
