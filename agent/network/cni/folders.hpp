// SPDX-License-Identifier: Apache-2.0
// Where networks and plugins are found on this host.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/network/cni/conflist.hpp"
#include "spec/result.hpp"

namespace podsd::network::cni {

struct ChosenNetwork {
  Network network;
  std::string file;                  ///< its name
  std::vector<std::string> skipped;  ///< why files before it were not taken, a line each
};

/// The executable of a type in the first of the folders that has it. Errors: none has, names them.
[[nodiscard]] Result<std::filesystem::path> find_plugin(const std::string& type,
                                                        const std::vector<std::string>& folders);

/// Whether a folder has files that count as networks.
[[nodiscard]] bool has_configs(const std::filesystem::path& folder);

/// The first file, by name, of `folder` that is valid and whose plugins are all there: the kubelet's rule.
/// Errors: there is none; says what is wrong with each file.
[[nodiscard]] Result<ChosenNetwork> choose_network(const std::filesystem::path& folder,
                                                   const std::vector<std::string>& plugins);

}  // namespace podsd::network::cni
