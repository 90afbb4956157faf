// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/folders.hpp"

#include <unistd.h>

#include "agent/os/files.hpp"
#include "policies/cni.hpp"

namespace podsd::network::cni {
namespace {

std::string joined(const std::vector<std::string>& texts, const char* between) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : between) + text;
  return out;
}

std::vector<std::string> configs_in(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    names.push_back(entry.path().filename());
  return policies::cni_config_files(names);
}

Result<Network> usable(const std::filesystem::path& file, const std::vector<std::string>& plugins) {
  const auto text = os::read_file(file);
  if (!text) return std::unexpected(text.error());
  auto network = parse_network(*text, file);
  if (!network) return network;
  for (const Plugin& plugin : network->plugins)
    if (const auto found = find_plugin(plugin.type, plugins); !found)
      return fail(file.string() + ": " + found.error().message());
  return network;
}

}  // namespace

Result<std::filesystem::path> find_plugin(const std::string& type, const std::vector<std::string>& folders) {
  for (const std::filesystem::path folder : folders) {
    std::error_code error;
    const auto path = folder / type;
    if (std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0) return path;
  }
  return fail("plugin " + type + " is not in " + joined(folders, ", "));
}

bool has_configs(const std::filesystem::path& folder) {
  return !configs_in(folder).empty();
}

Result<ChosenNetwork> choose_network(const std::filesystem::path& folder,
                                     const std::vector<std::string>& plugins) {
  std::vector<std::string> skipped;
  for (const std::string& name : configs_in(folder)) {
    auto network = usable(folder / name, plugins);
    if (network) return ChosenNetwork{std::move(*network), name, std::move(skipped)};
    skipped.push_back(network.error().message());
  }
  if (skipped.empty()) return fail("no CNI network is configured", folder);
  return fail("no CNI network can be used: " + joined(skipped, "; "));
}

}  // namespace podsd::network::cni
