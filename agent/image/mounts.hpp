// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "agent/image/folders.hpp"

namespace podsd::image {

/// Mounts those of the layers whose form asks for it, for all who have a hold on them. To be called by the
/// process whose mount namespace containers start in.
[[nodiscard]] Result<void> mount_layers(const Folders& folders, const std::set<std::string>& keys);

/// Ends the mounts of those of the layers that no hold names any more.
void unmount_unheld(const Folders& folders, const std::set<std::string>& keys);

/// The same for all layers, those on their way out included: after a crash.
void unmount_all_unheld(const Folders& folders);

}  // namespace podsd::image
