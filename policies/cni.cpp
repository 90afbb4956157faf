// SPDX-License-Identifier: Apache-2.0
#include "policies/cni.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace podsd::policies {
namespace {

/// Oldest first.
constexpr std::string_view versions[] = {"0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"};

/// The number of a version among them; -1 for others.
std::ptrdiff_t age(std::string_view version) {
  const auto* found = std::ranges::find(versions, version);
  return found == std::end(versions) ? -1 : found - std::begin(versions);
}

constexpr std::string_view letters_and_digits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out.empty() ? "none" : out;
}

/// FNV-1a, 64 bits: names need to stay apart, not to resist an attacker who picks both.
std::string hash(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const unsigned char c : text) h = (h ^ c) * 0x100000001b3ULL;
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[h >> shift & 15];
  return out;
}

}  // namespace

std::string_view cni_name(CniCommand command) {
  static constexpr std::string_view names[] = {"ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION"};
  return names[static_cast<std::size_t>(command)];
}

bool is_cni_version(std::string_view version) {
  return age(version) >= 0;
}

bool cni_has(std::string_view version, CniCommand command) {
  switch (command) {
    case CniCommand::check:
      return age(version) >= age("0.4.0");
    case CniCommand::gc:
    case CniCommand::status:
      return age(version) >= age("1.1.0");
    default:
      return age(version) >= 0;
  }
}

std::vector<std::string> cni_config_files(const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const std::string& name : names)
    if (name.ends_with(".conflist") || name.ends_with(".conf") || name.ends_with(".json"))
      files.push_back(name);
  std::ranges::sort(files);
  return files;
}

Result<std::string> choose_cni_version(const std::vector<std::string>& offered,
                                       const std::vector<CniPluginVersions>& plugins) {
  std::vector<std::string> known;
  for (const std::string_view version : versions)
    if (std::ranges::find(offered, version) != offered.end())
      known.insert(known.begin(), std::string(version));
  if (known.empty())
    return fail("of CNI version " + joined(offered) + " none is known here, expected one of 0.3.0 to 1.1.0");
  std::optional<Error> newest;
  for (const std::string& version : known) {
    const auto lacking = std::ranges::find_if(plugins, [&](const CniPluginVersions& plugin) {
      return std::ranges::find(plugin.versions, version) == plugin.versions.end();
    });
    if (lacking == plugins.end()) return version;
    if (!newest)
      newest = Error{"plugin " + lacking->plugin + " does not know CNI version " + version + ", only " +
                         joined(lacking->versions),
                     "", 0, nullptr};
  }
  return std::unexpected(*newest);
}

bool is_cni_name(std::string_view text) {
  if (text.empty() || letters_and_digits.find(text.front()) == std::string_view::npos) return false;
  return std::ranges::all_of(text, [](char c) {
    return c == '_' || c == '.' || c == '-' || letters_and_digits.find(c) != std::string_view::npos;
  });
}

bool is_cni_plugin_type(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && text.size() <= 255 &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c != '/' && c != 0x7F; });
}

std::string cni_container_id(std::string_view sandbox) {
  std::string id(sandbox);
  std::ranges::replace(id, ':', '-');
  return id;
}

std::string cni_instance(const std::string& sandbox) {
  constexpr std::size_t longest = 255 - std::string_view("podsd-cni@.service").size();
  if (sandbox.size() <= longest) return sandbox;
  const std::string tail = ".." + hash(sandbox);
  return sandbox.substr(0, longest - tail.size()) + tail;
}

std::string cni_args(const std::string& container_id, const std::string& ns, const std::string& name,
                     const std::string& uid) {
  return "IgnoreUnknown=1;K8S_POD_NAMESPACE=" + ns + ";K8S_POD_NAME=" + name +
         ";K8S_POD_INFRA_CONTAINER_ID=" + container_id + ";K8S_POD_UID=" + uid;
}

}  // namespace podsd::policies
