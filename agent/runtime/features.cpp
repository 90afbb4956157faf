// SPDX-License-Identifier: Apache-2.0
// features: what this program knows of the specification, whatever this machine has (features.md,
// features-linux.md).
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/runtime/commands.hpp"
#include "agent/runtime/mount_options.hpp"
#include "agent/runtime/names.hpp"
#include "agent/runtime/seccomp.hpp"
#include "agent/runtime/state.hpp"

namespace podsd::runtime {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::ranges::sort(names);
  return names;
}

Json seccomp_features() {
  return {{"enabled", true},
          {"actions", sorted(seccomp_action_names())},
          {"operators", sorted(seccomp_operator_names())},
          {"archs", seccomp_architecture_names()},
          {"knownFlags", sorted(seccomp_flag_names())},
          {"supportedFlags", sorted(seccomp_flag_names())}};
}

Json linux_features() {
  Json out;
  out["namespaces"] = sorted(namespace_names());
  out["capabilities"] = capability_names(~std::uint64_t{0});
  out["cgroup"] = {{"v1", false}, {"v2", true}, {"systemd", true}, {"systemdUser", false}, {"rdma", true}};
  out["seccomp"] = seccomp_features();
  out["apparmor"] = {{"enabled", true}};
  out["selinux"] = {{"enabled", true}};
  out["intelRdt"] = {{"enabled", false}};
  out["netDevices"] = {{"enabled", true}};
  out["mountExtensions"] = {{"idmap", {{"enabled", true}}}};
  return out;
}

}  // namespace

std::string features_json() {
  Json out{{"ociVersionMin", "1.0.0"}, {"ociVersionMax", oci_version}};
  out["hooks"] = hook_names();
  out["mountOptions"] = sorted(mount_option_names());
  out["linux"] = linux_features();
  // No annotation changes how a container is confined.
  out["potentiallyUnsafeConfigAnnotations"] = Json::array();
  return out.dump(2) + "\n";
}

Result<int> features(const Options&) {
  const std::string text = features_json();
  ssize_t ignored = write(STDOUT_FILENO, text.data(), text.size());
  static_cast<void>(ignored);
  return 0;
}

}  // namespace podsd::runtime
