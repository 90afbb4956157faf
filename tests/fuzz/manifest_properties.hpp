// SPDX-License-Identifier: Apache-2.0
// What holds for every text that parse_manifest is given. Shared by the fuzzer and the replay of its corpus.
#pragma once

#include <string>
#include <string_view>

#include "spec/manifest.hpp"
#include "spec/names.hpp"
#include "spec/text.hpp"

namespace podsd::spec {

inline std::string broken_diagnostic(const Diagnostic& d) {
  const std::string text = d.text();
  if (text.size() > 8192) return "a diagnostic is too long";
  if (find_bad_bytes(text) || text.find('\n') != std::string::npos)
    return "a diagnostic holds control characters";
  if (d.message.empty()) return "a diagnostic is empty";
  if (d.position.line < 0 || d.position.column < 0) return "a position is negative";
  if ((d.position.line == 0) != (d.position.column == 0)) return "a position is half known";
  return "";
}

inline std::string broken_container(const Container& c) {
  if (!check_label(c.name).empty() || !check_image(c.image).empty())
    return "a container's name or image is not checked";
  for (const EnvVar& variable : c.env)
    if (!check_env_name(variable.name).empty()) return "a variable's name is not checked";
  for (const VolumeMount& mount : c.volume_mounts)
    if (!check_path(mount.mount_path).empty()) return "a mount path is not checked";
  for (const std::string& word : c.command)
    if (word.find('\0') != std::string::npos) return "a command holds a NUL";
  const auto& [limits, requests] = c.resources;
  if (limits.cpu_milli && (*limits.cpu_milli <= 0 || requests.cpu_milli > limits.cpu_milli))
    return "cpu is not checked";
  if (limits.memory_bytes && (*limits.memory_bytes <= 0 || requests.memory_bytes > limits.memory_bytes))
    return "memory is not checked";
  return "";
}

/// The property that does not hold for `text`, or "".
inline std::string broken_property(std::string_view text) {
  const Manifest manifest = parse_manifest(text, "fuzz.yaml");
  for (const Diagnostic& d : manifest.diagnostics)
    if (const std::string broken = broken_diagnostic(d); !broken.empty()) return broken;
  if (manifest.ok() && manifest.pods.empty()) return "no pod and no error";
  for (const Pod& pod : manifest.pods) {
    if (!check_subdomain(pod.name).empty() || !check_label(pod.ns).empty())
      return "a pod's name is not checked";
    if (pod.containers.empty()) return "a pod has no container";
    for (const auto* list : {&pod.containers, &pod.init_containers})
      for (const Container& c : *list)
        if (const std::string broken = broken_container(c); !broken.empty()) return broken;
  }
  return "";
}

}  // namespace podsd::spec
