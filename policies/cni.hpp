// SPDX-License-Identifier: Apache-2.0
// What the Container Network Interface's specification (CNI, versions 1.0.0 and 1.1.0) and the kubelet's use
// of it leave to a runtime to decide, without its JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/result.hpp"

namespace podsd::policies {

enum class CniCommand { add, del, check, gc, status, version };

/// As it stands in CNI_COMMAND (section 2, "Parameters").
[[nodiscard]] std::string_view cni_name(CniCommand command);

/// Whether configurations of this version may be used: 1.0.0 and 1.1.0, and those before them whose results
/// have the same form but for ips[].version (0.3.0, 0.3.1, 0.4.0).
[[nodiscard]] bool is_cni_version(std::string_view version);

/// Whether a known version has the command: CHECK came with 0.4.0, GC and STATUS with 1.1.0.
[[nodiscard]] bool cni_has(std::string_view version, CniCommand command);

/// Of the names in a folder those that count as network configurations, in the order in which they are tried:
/// the kubelet takes the first usable one of *.conflist, *.conf and *.json, by name.
[[nodiscard]] std::vector<std::string> cni_config_files(const std::vector<std::string>& names);

/// A plugin and the versions that its VERSION command reports.
struct CniPluginVersions {
  std::string plugin;
  std::vector<std::string> versions;
};

/// The newest of the versions that a configuration offers (cniVersion and, since 1.1.0, cniVersions) and that
/// this runtime and every plugin know. Errors: none is; names the plugin that lacks it and what it knows.
[[nodiscard]] Result<std::string> choose_cni_version(const std::vector<std::string>& offered,
                                                     const std::vector<CniPluginVersions>& plugins);

/// Whether a text can be a network's name or a container's id: a letter or digit, then letters, digits, '_',
/// '.' and '-' (section 1 and 2).
[[nodiscard]] bool is_cni_name(std::string_view text);

/// Whether a text can be a plugin's type: the name of a file.
[[nodiscard]] bool is_cni_plugin_type(std::string_view text);

/// The container's id of a sandbox: "pods-web", and for "pods-team:web" "pods-team-web". Sandboxes have no
/// other
/// '-' (units/names.hpp), so no two get the same one.
[[nodiscard]] std::string cni_container_id(std::string_view sandbox);

/// The instance name of a sandbox's CNI unit, and the name of its files: the sandbox's own, or, where unit or
/// file would have more than 255 bytes, its beginning and a hash.
[[nodiscard]] std::string cni_instance(const std::string& sandbox);

/// CNI_ARGS as the kubelet's runtimes give it: IgnoreUnknown and the pod's names.
[[nodiscard]] std::string cni_args(const std::string& container_id, const std::string& ns,
                                   const std::string& name, const std::string& uid);

}  // namespace podsd::policies
