// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/pod_files.hpp"

#include <sys/utsname.h>

#include "agent/engine/pod_users.hpp"
#include "agent/os/files.hpp"
#include "policies/hosts_file.hpp"
#include "policies/resolv_conf.hpp"

namespace podsd::engine {
namespace {

constexpr const char* uplinks_file = "/run/systemd/resolve/resolv.conf";  // systemd-resolved.service(8)

/// Of the host; one that is missing is empty.
std::string host_file(const char* path) {
  return os::read_file(path).value_or("");
}

std::string hosts_of(const SandboxSpec& spec, const network::Attachment* attachment) {
  const auto& aliases = spec.names.host_aliases;
  if (spec.host_network) return policies::host_network_hosts_text(host_file("/etc/hosts"), aliases);
  std::vector<std::string> addresses;
  if (attachment != nullptr)
    for (const spec::IpPrefix& address : attachment->addresses)
      addresses.push_back(spec::to_string(address.address));
  return policies::hosts_text(addresses, spec.short_hostname, spec.domain, aliases);
}

/// With hostNetwork the pod has the host's uts namespace.
std::string hostname_of(const SandboxSpec& spec) {
  utsname host{};
  if (spec.host_network && ::uname(&host) == 0) return host.nodename;
  return spec.hostname;
}

policies::PodResolver resolver_of(const SandboxSpec& spec, const std::vector<std::string>& nameservers) {
  const std::string text = host_file("/etc/resolv.conf");
  return policies::pod_resolver(
      spec.names, {spec.host_network ? policies::read_resolv_conf(text)
                                     : policies::reachable_resolver(text, host_file(uplinks_file)),
                   nameservers, spec.pod.ns, spec.host_network});
}

}  // namespace

Result<std::string> write_pod_files(const Folders& folders, const SandboxSpec& spec,
                                    const network::Attachment* attachment,
                                    const std::vector<std::string>& nameservers) {
  const policies::PodResolver resolver = resolver_of(spec, nameservers);
  const std::pair<const char*, std::string> files[] = {
      {"hosts", hosts_of(spec, attachment)},
      {"hostname", hostname_of(spec) + "\n"},
      {"resolv.conf", policies::resolv_conf_text(resolver.conf)}};
  for (const auto& [name, text] : files) {
    if (auto written = os::replace_file(folders.run() / name, text, false, 0644); !written)
      return std::unexpected(written.error());
    if (spec.first_id == 0) continue;
    if (auto given = give_to_pod(folders.run() / name, spec.first_id); !given)
      return std::unexpected(given.error());
  }
  return resolver.left_out;
}

}  // namespace podsd::engine
