// SPDX-License-Identifier: Apache-2.0
#include "policies/hosts_file.hpp"

namespace podsd::policies {
namespace {

std::string aliases_text(const std::vector<spec::HostAlias>& aliases) {
  if (aliases.empty()) return "";
  std::string text = "\n# hostAliases\n";
  for (const spec::HostAlias& alias : aliases) {
    text += alias.ip;
    for (const std::string& name : alias.hostnames) text += "\t" + name;
    text += "\n";
  }
  return text;
}

}  // namespace

std::string hosts_text(const std::vector<std::string>& addresses, const std::string& hostname,
                       const std::string& domain, const std::vector<spec::HostAlias>& aliases) {
  // The first line is what Kubernetes' conformance tests look for.
  std::string text =
      "# Kubernetes-managed hosts file.\n"
      "127.0.0.1\tlocalhost\n"
      "::1\tlocalhost ip6-localhost ip6-loopback\n"
      "fe00::0\tip6-localnet\n"
      "ff00::0\tip6-mcastprefix\n"
      "ff02::1\tip6-allnodes\n"
      "ff02::2\tip6-allrouters\n";
  const std::string names = (domain.empty() ? "" : hostname + "." + domain + "\t") + hostname;
  if (addresses.empty()) text += "127.0.0.1\t" + names + "\n";
  for (const std::string& address : addresses) text += address + "\t" + names + "\n";
  return text + aliases_text(aliases);
}

std::string host_network_hosts_text(std::string_view host_file, const std::vector<spec::HostAlias>& aliases) {
  std::string text = "# Kubernetes-managed hosts file (host network).\n" + std::string(host_file);
  if (!text.ends_with('\n')) text += '\n';
  return text + aliases_text(aliases);
}

}  // namespace podsd::policies
