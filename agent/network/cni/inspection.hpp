// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/network/network.hpp"
#include "spec/config.hpp"

namespace podsd::network::cni {

/// What an agent that starts now would make of CNI, and what pods have from it.
struct Inspection {
  bool used = false;                ///< new pods are connected by plugins
  std::string file;                 ///< of the network, by its name; empty: none that can be used
  std::vector<std::string> faults;  ///< what is wrong: a network that is not valid, a plugin that is missing
  Attachments pods;
};

/// `state` is the folder that survives a reboot. Runs no plugin.
[[nodiscard]] Inspection inspect(const spec::NetworkConfig& config, const std::filesystem::path& state);

}  // namespace podsd::network::cni
