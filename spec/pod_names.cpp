// SPDX-License-Identifier: Apache-2.0
#include "spec/pod_names.hpp"

#include "spec/pod.hpp"

namespace podsd::spec {

std::string short_hostname(const Pod& pod) {
  if (!pod.names.hostname.empty()) return pod.names.hostname;
  std::string name = pod.name.substr(0, 63);
  name.erase(name.find_last_not_of("-.") + 1);
  return name;
}

std::string pod_domain(const Pod& pod) {
  if (pod.names.subdomain.empty()) return "";
  return pod.names.subdomain + "." + pod.ns + ".svc." + cluster_domain;
}

std::string nodename(const Pod& pod) {
  const std::string domain = pod_domain(pod);
  return short_hostname(pod) + (pod.names.hostname_as_fqdn && !domain.empty() ? "." + domain : "");
}

}  // namespace podsd::spec
