// SPDX-License-Identifier: Apache-2.0
// What a Pod says about names: its own, and how its containers find others.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace podsd::spec {

struct Pod;

/// core/v1 Pod.spec.dnsPolicy
enum class DnsPolicy {
  cluster_first,  ///< the node's names of pods, and what the host resolves; Default with hostNetwork
  cluster_first_with_host_net,  ///< the same, with hostNetwork too
  host,                         ///< Default: as the host
  none,                         ///< dnsConfig only
};

/// core/v1 PodDNSConfigOption
struct DnsOption {
  std::string name;  ///< without white space, not empty
  std::optional<std::string> value;
  bool operator==(const DnsOption&) const = default;
};

/// core/v1 PodDNSConfig
struct DnsConfig {
  std::vector<std::string> nameservers;  ///< addresses, at most 3
  std::vector<std::string> searches;     ///< domains, at most 32 and 2,048 characters with a space between
  std::vector<DnsOption> options;
  bool operator==(const DnsConfig&) const = default;
};

/// core/v1 HostAlias
struct HostAlias {
  std::string ip;
  std::vector<std::string> hostnames;
  bool operator==(const HostAlias&) const = default;
};

struct PodNames {
  DnsPolicy policy = DnsPolicy::cluster_first;
  DnsConfig dns;
  std::vector<HostAlias> host_aliases;
  std::string hostname;           ///< empty: the pod's name
  std::string subdomain;          ///< empty: the pod has no domain
  bool hostname_as_fqdn = false;  ///< setHostnameAsFQDN
  bool operator==(const PodNames&) const = default;
};

/// What a cluster's domain would be (KubeletConfiguration.clusterDomain, by the value that clusters have).
inline constexpr const char* cluster_domain = "cluster.local";

/// utsname.nodename has this many bytes beside its NUL (uname(2)).
inline constexpr std::size_t nodename_bytes = 64;

/// The pod's host name without a domain: `hostname`, else the pod's name cut to a label of 63 bytes that does
/// not end in '-' or '.', as the kubelet has it.
[[nodiscard]] std::string short_hostname(const Pod& pod);

/// SUBDOMAIN.NAMESPACE.svc.cluster.local (core/v1 PodSpec.subdomain); empty without a subdomain.
[[nodiscard]] std::string pod_domain(const Pod& pod);

/// What the pod's uts namespace is called: with setHostnameAsFQDN and a domain both together, else the host
/// name.
[[nodiscard]] std::string nodename(const Pod& pod);

}  // namespace podsd::spec
