// SPDX-License-Identifier: Apache-2.0
#include "agent/kube/parts.hpp"

namespace podsd::kube {
namespace {

using Json = nlohmann::ordered_json;

const char* text(spec::DnsPolicy policy) {
  switch (policy) {
    case spec::DnsPolicy::cluster_first:
      return "ClusterFirst";
    case spec::DnsPolicy::cluster_first_with_host_net:
      return "ClusterFirstWithHostNet";
    case spec::DnsPolicy::host:
      return "Default";
    case spec::DnsPolicy::none:
      return "None";
  }
  return "";
}

Json list_json(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& item : texts) out.push_back(utf8_text(item));
  return out;
}

Json dns_json(const spec::DnsConfig& dns) {
  Json out = Json::object();
  if (!dns.nameservers.empty()) out["nameservers"] = list_json(dns.nameservers);
  if (!dns.searches.empty()) out["searches"] = list_json(dns.searches);
  for (const spec::DnsOption& option : dns.options) {
    Json item{{"name", utf8_text(option.name)}};
    if (option.value) item["value"] = utf8_text(*option.value);
    out["options"].push_back(std::move(item));
  }
  return out;
}

}  // namespace

void put_names(Json& out, const spec::PodNames& names) {
  put(out, "hostname", names.hostname);
  put(out, "subdomain", names.subdomain);
  if (names.hostname_as_fqdn) out["setHostnameAsFQDN"] = true;
  for (const spec::HostAlias& alias : names.host_aliases)
    out["hostAliases"].push_back({{"ip", utf8_text(alias.ip)}, {"hostnames", list_json(alias.hostnames)}});
  out["dnsPolicy"] = text(names.policy);
  if (Json dns = dns_json(names.dns); !dns.empty()) out["dnsConfig"] = std::move(dns);
}

}  // namespace podsd::kube
