// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "agent/image/user.hpp"
#include "spec/result.hpp"

namespace podsd::engine {

/// Whether containers can have a user namespace of their own here: overlays over idmapped layers (Linux 5.19)
/// and a file system that can be idmapped below `state`. The error says what is missing.
[[nodiscard]] Result<void> check_user_namespaces(const std::filesystem::path& state);

/// Whether all ids of a container's process lie within those of its pod.
[[nodiscard]] Result<void> check_within_pod(const image::UserInfo& user);

/// Gives a folder or file of the host's root to root of a pod; one that is somebody else's stays so.
[[nodiscard]] Result<void> give_to_pod(const std::filesystem::path& path, std::uint32_t first_id);

}  // namespace podsd::engine
