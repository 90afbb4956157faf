// SPDX-License-Identifier: Apache-2.0
#include "spec/config_cni.hpp"

#include "spec/config_values.hpp"
#include "spec/names.hpp"

namespace podsd::spec {

CniConfig read_cni_config(const Reader& cni) {
  CniConfig config;
  if (!cni.present()) return config;
  if (const Reader folder = cni.field("configDir", Type::text); folder.present()) {
    config.configs = folder.node().text;
    folder.expect(check_path(config.configs));
  }
  if (const Reader folders = cni.field("pluginDirs", Type::texts); folders.present()) {
    config.plugins.clear();
    for (const Node& folder : folders.node().items) config.plugins.push_back(folder.text);
    if (config.plugins.empty()) folders.expect("a list of at least one folder");
    for (const std::string& folder : config.plugins) {
      // CNI_PATH separates them so.
      if (folder.find(':') != std::string::npos) folders.expect("folders without ':'");
      if (const std::string wrong = check_path(folder); !wrong.empty()) folders.expect(wrong);
    }
  }
  constexpr std::int64_t second = 1'000'000;
  config.timeout_usec = duration(cni, "timeout").value_or(config.timeout_usec);
  if (config.timeout_usec < second) cni.field("timeout", Type::text).expect("at least 1s");
  return config;
}

}  // namespace podsd::spec
