// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/image/store.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// Most bytes of an image's /etc/passwd or /etc/group.
inline constexpr std::size_t max_account_file_bytes = 1U << 20;

/// Whom a container's process runs as.
struct UserInfo {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  /// What setgroups(2) gets: the gid first, as initgroups(3) has it, then the groups that name the user as a
  /// member.
  std::vector<std::uint32_t> additional_gids;
  std::string home = "/";  ///< absolute, without control characters
};

/// Resolves `user` ("", "uid", "name", "uid:gid", "name:group", …, an image's User) against /etc/passwd and
/// /etc/group of the image. `run_as_user` replaces `user` altogether, `run_as_group` the group (Kubernetes,
/// SecurityContext). Without a group: the user's own of /etc/passwd, or 0. A number is an id, never a name,
/// and needs no entry. Errors: a name without an entry; an id beyond 32 bits or 4294967295; an account file
/// that is too large.
[[nodiscard]] Result<UserInfo> resolve_user(const Image& image, const std::string& user,
                                            std::optional<std::uint32_t> run_as_user,
                                            std::optional<std::uint32_t> run_as_group);

}  // namespace podsd::image
