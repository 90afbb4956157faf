// SPDX-License-Identifier: Apache-2.0
// The JSON of the CNI specification: configurations of networks, what plugins are given, what they answer.
// Pure: no file and no process is touched here.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/network/cni/json.hpp"
#include "spec/result.hpp"

namespace podsd::network::cni {

/// One plugin of a network.
struct Plugin {
  std::string type;                    ///< the name of its executable
  std::set<std::string> capabilities;  ///< of runtimeConfig it takes these keys (CONVENTIONS.md)
  Json config;                         ///< all that its object says
};

/// A network: a chain of plugins.
struct Network {
  std::string name;
  std::vector<std::string> versions;  ///< of the specification; cniVersion and cniVersions
  bool disable_check = false;
  bool disable_gc = false;
  std::vector<Plugin> plugins;  ///< at least one
  Json config;                  ///< as a list, whatever it was read from
};

/// Reads a *.conflist, or a single plugin's *.conf or *.json, which is a list of one. Keys that are not known
/// stay and go to the plugin. Errors name the file, and line and column or the field.
[[nodiscard]] Result<Network> parse_network(std::string_view text, const std::string& file);

/// The same from Network::config; `where` is for the error.
[[nodiscard]] Result<Network> read_network(const Json& list, const std::string& where);

/// What a plugin reads: its object with the network's name, the version, the keys of `runtime` whose
/// capability it has, and the result before it, unless null. `capabilities` itself is left out.
[[nodiscard]] Json plugin_config(const Network& network, const Plugin& plugin, const std::string& version,
                                 const Json& runtime, const Json& previous);

}  // namespace podsd::network::cni
