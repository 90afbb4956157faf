// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// Copies everything in the directory `from` (O_PATH will do) into the empty directory `to`, for the mount
/// option tmpcopyup (config.md, "mounts"): directories, regular files with their holes, links, hard links
/// among them, fifos, and devices where `from` lies on a mount that lets them be opened; with owners, modes,
/// times and extended attributes. `to` itself gets the attributes, too.
///
/// `from` may be an image's or another container's, who changes it meanwhile: no link is followed, nothing
/// but directories and regular files is opened, and of a file no more is read than its size was. Left out are
/// sockets, what is mounted below `from`, attributes that the target cannot have, and devices in a user
/// namespace. More than 256 levels are an error; the other errors name the entry.
[[nodiscard]] Result<void> copy_up(const UniqueFd& from, const UniqueFd& to);

}  // namespace podsd::runtime
