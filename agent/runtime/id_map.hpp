// SPDX-License-Identifier: Apache-2.0
// The ids of a user namespace (user_namespaces(7), "User and group ID mappings").
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spec/result.hpp"

namespace podsd::runtime {

/// One extent, as in config.json (config-linux.md, "LinuxIDMapping"): `size` ids from `inside` on stand for
/// those from `outside` on.
struct IdExtent {
  std::uint32_t inside = 0, outside = 0, size = 0;
  bool operator==(const IdExtent&) const = default;
};

using IdMap = std::vector<IdExtent>;

/// The two maps of one namespace.
struct UserMaps {
  IdMap uids, gids;
  [[nodiscard]] bool empty() const { return uids.empty() && gids.empty(); }
  bool operator==(const UserMaps&) const = default;
};

/// What the kernel would refuse with a bare EINVAL: no extent or more than 340, an empty one, one that passes
/// the last id (4294967294), two that overlap on either side. The error names what is wrong.
[[nodiscard]] Result<void> check_map(const IdMap& map);

/// The text of /proc/PID/uid_map, one extent a line.
[[nodiscard]] std::string map_text(const IdMap& map);

/// Reads such a text back; empty where it is none.
[[nodiscard]] IdMap parse_map(std::string_view text);

/// Writes the maps of a process that has just made its user namespace. This process needs CAP_SETUID and
/// CAP_SETGID.
[[nodiscard]] Result<void> write_maps(pid_t pid, const UserMaps& maps);

}  // namespace podsd::runtime
