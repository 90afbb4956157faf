// SPDX-License-Identifier: Apache-2.0
// securityContext of a pod and of a container (core/v1 PodSecurityContext, SecurityContext).
#include <algorithm>
#include <set>

#include "spec/capabilities.hpp"
#include "spec/names.hpp"
#include "spec/read.hpp"

namespace podsd::spec {
namespace {

// The API's bound; the kernel's highest id has a meaning of its own.
constexpr std::int64_t most_id = 2147483647;

// Sysctls that are namespaced and cannot hurt another pod or the node (Kubernetes, "Using sysctls in a
// Kubernetes Cluster").
constexpr std::string_view safe_sysctls[] = {
    "kernel.shm_rmid_forced",           "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",        "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",     "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",      "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",          "net.ipv4.tcp_wmem"};

std::vector<std::string> read_capabilities(const Reader& list) {
  std::vector<std::string> out;
  if (!list.present()) return out;
  for (std::size_t i = 0; i < list.node().items.size(); ++i) {
    const Reader item = list.item(i);
    std::string name = item.node().text;
    if (name.starts_with("CAP_")) name = name.substr(4);
    if (name != "ALL" && std::ranges::find(capability_names, name) == std::end(capability_names))
      item.error("found " + excerpt(item.node().text) +
                 ", expected a capability such as NET_BIND_SERVICE, or ALL");
    out.push_back(name == "ALL" ? name : "CAP_" + name);
  }
  return out;
}

// A profile's path is relative to the node's folder of profiles and stays in it.
void check_profile_path(const Reader& reader, SeccompProfile& out) {
  const Reader path = reader.field("localhostProfile", Type::text);
  out.localhost_profile = reader.text("localhostProfile");
  if (out.type != SeccompProfile::Type::localhost) {
    if (path.present()) path.error("is only for type Localhost");
    return;
  }
  if (out.localhost_profile.empty()) {
    reader.error("localhostProfile is missing, expected a path below /var/lib/podsd/seccomp");
    return;
  }
  path.expect(check_path("/" + out.localhost_profile));
  if (out.localhost_profile.starts_with('/')) path.error("found an absolute path, expected a relative one");
}

SeccompProfile read_seccomp(const Reader& reader, SeccompProfile base) {
  static constexpr std::pair<std::string_view, SeccompProfile::Type> types[] = {
      {"RuntimeDefault", SeccompProfile::Type::runtime_default},
      {"Unconfined", SeccompProfile::Type::unconfined},
      {"Localhost", SeccompProfile::Type::localhost}};
  if (!reader.present()) return base;
  SeccompProfile out;
  if (reader.require("type", "RuntimeDefault, Unconfined or Localhost"))
    out.type = read_choice(reader.field("type", Type::text), types, SeccompProfile::Type::runtime_default);
  check_profile_path(reader, out);
  return out;
}

std::vector<std::uint32_t> read_groups(const Reader& list) {
  std::vector<std::uint32_t> out;
  if (!list.present()) return out;
  for (std::size_t i = 0; i < list.node().items.size(); ++i)
    if (const auto group = list.item(i).whole(0, most_id)) out.push_back(static_cast<std::uint32_t>(*group));
  return out;
}

void check_privileged(const Reader& reader, const SecurityContext& out) {
  if (!out.privileged || out.allow_privilege_escalation) return;
  reader.field("privileged", Type::boolean).error("needs allowPrivilegeEscalation, which is false");
}

}  // namespace

SecurityContext read_security(const Reader& reader, SecurityContext out) {
  if (!reader.present()) return out;
  if (const auto user = reader.integer("runAsUser", 0, most_id))
    out.run_as_user = static_cast<std::uint32_t>(*user);
  if (const auto group = reader.integer("runAsGroup", 0, most_id))
    out.run_as_group = static_cast<std::uint32_t>(*group);
  out.run_as_non_root = reader.flag("runAsNonRoot", out.run_as_non_root);
  if (out.run_as_non_root && out.run_as_user == 0 && reader.has("runAsUser"))
    reader.field("runAsUser", Type::integer).error("found 0, expected another user, as runAsNonRoot is true");
  out.read_only_root_filesystem = reader.flag("readOnlyRootFilesystem", out.read_only_root_filesystem);
  out.allow_privilege_escalation = reader.flag("allowPrivilegeEscalation", out.allow_privilege_escalation);
  out.privileged = reader.flag("privileged", out.privileged);
  check_privileged(reader, out);
  out.seccomp = read_seccomp(reader.field("seccompProfile", Type::object), std::move(out.seccomp));
  if (const Reader capabilities = reader.field("capabilities", Type::object); capabilities.present()) {
    out.add_capabilities = read_capabilities(capabilities.field("add", Type::texts));
    out.drop_capabilities = read_capabilities(capabilities.field("drop", Type::texts));
  }
  if (reader.has("supplementalGroups"))
    out.supplemental_groups = read_groups(reader.field("supplementalGroups", Type::integers));
  return out;
}

std::map<std::string, std::string> read_sysctls(const Reader& list, bool host_network) {
  std::map<std::string, std::string> out;
  if (!list.present()) return out;
  for (std::size_t i = 0; i < list.node().items.size(); ++i) {
    const Reader item = list.item(i);
    if (item.node().kind != Node::Kind::mapping || !item.require("name", "the name of a sysctl")) continue;
    const Reader name = item.field("name", Type::text);
    if (!name.present()) continue;
    const std::string& key = name.node().text;
    if (std::ranges::find(safe_sysctls, key) == std::end(safe_sysctls))
      name.error("found " + excerpt(key) +
                 ", expected one of the safe sysctls, such as net.ipv4.tcp_syncookies");
    if (host_network && key.starts_with("net."))
      name.error("found " + excerpt(key) + ", which is the host's, as hostNetwork is true");
    if (!out.emplace(key, item.text("value")).second)
      name.error("the sysctl " + excerpt(key) + " is set twice");
  }
  return out;
}

}  // namespace podsd::spec
