// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "agent/network/cni/conflist.hpp"
#include "agent/network/cni/failure.hpp"
#include "agent/network/cni/records.hpp"
#include "policies/cni.hpp"
#include "spec/result.hpp"

namespace podsd::network::cni {

/// What podsd.yaml says of CNI.
struct Settings {
  std::filesystem::path configs;               ///< the folder of networks
  std::vector<std::string> plugins;            ///< the folders of plugins
  std::chrono::milliseconds deadline{60'000};  ///< of each run of a plugin
};

/// Runs plugins, one after the other, and logs what they say (sd-daemon(3), on standard error). Blocks.
class Calls {
 public:
  /// `versions`: a folder for what VERSION said, lost with a reboot at the latest.
  Calls(Settings settings, std::filesystem::path versions)
      : settings_(std::move(settings)), versions_(std::move(versions)) {}

  [[nodiscard]] const Settings& settings() const { return settings_; }

  /// Runs one command of a plugin; `about` is the attachment, where the command has one. Gives what the
  /// plugin wrote to standard output.
  [[nodiscard]] std::expected<std::string, PluginFailure> call(const Plugin& plugin,
                                                               policies::CniCommand command,
                                                               const Json& config,
                                                               const Record* about = nullptr) const;

  /// The version to use a network with; asks every plugin once, and again when its file has changed.
  [[nodiscard]] Result<std::string> choose_version(const Network& network) const;

 private:
  [[nodiscard]] Result<std::vector<std::string>> versions_of(const Plugin& plugin,
                                                             const std::string& offered) const;

  Settings settings_;
  std::filesystem::path versions_;
};

/// "plugin bridge: ADD: its words".
[[nodiscard]] Error failed(const Plugin& plugin, policies::CniCommand command, const std::string& why);

}  // namespace podsd::network::cni
