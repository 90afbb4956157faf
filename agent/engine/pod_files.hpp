// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/folders.hpp"

namespace podsd::engine {

/// Writes a sandbox's hosts, hostname and resolv.conf, which each of its containers has in /etc, and gives
/// them to the pod's root. `attachment` is what the pod's network gave, null for none; `nameservers` are
/// those of this node, which know its pods. Gives what did not fit into resolv.conf; empty: all did.
[[nodiscard]] Result<std::string> write_pod_files(const Folders& folders, const SandboxSpec& spec,
                                                  const network::Attachment* attachment,
                                                  const std::vector<std::string>& nameservers);

}  // namespace podsd::engine
