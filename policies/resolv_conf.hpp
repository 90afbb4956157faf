// SPDX-License-Identifier: Apache-2.0
// A pod's /etc/resolv.conf by dnsPolicy and dnsConfig (core/v1 PodSpec; docs: "DNS for Services and Pods").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/pod_names.hpp"

namespace podsd::policies {

/// What resolv.conf(5) says. An option with a value is NAME:VALUE.
struct ResolvConf {
  std::vector<std::string> nameservers, searches, options;
  bool operator==(const ResolvConf&) const = default;
};

/// Reads the host's file: of several `search` and `domain` lines the last one counts.
[[nodiscard]] ResolvConf read_resolv_conf(std::string_view text);

/// The host's resolver as a pod with a network of its own can use it. `text` is the host's resolv.conf; where
/// all that it names is a loopback address, `uplinks` counts, the file of systemd-resolved's uplinks
/// (systemd-resolved.service(8)), if it names any.
[[nodiscard]] ResolvConf reachable_resolver(std::string_view text, std::string_view uplinks);

struct PodResolver {
  ResolvConf conf;
  std::string left_out;  ///< what exceeds a resolver's limits and is not in `conf`; empty: nothing
};

/// Who answers a pod.
struct ResolverFacts {
  ResolvConf host;                        ///< the host's own, as the pod can use it
  std::vector<std::string> of_this_node;  ///< nameservers that know the node's pods; empty: there are none
  std::string ns;                         ///< the pod's namespace
  bool host_network = false;
};

/// Without nameservers of the node ClusterFirst is Default, as with a kubelet that knows no cluster DNS.
/// dnsConfig comes behind what the policy gives; its options win. Limits are the kubelet's: 3 nameservers,
/// 32 searches with 2,048 characters.
[[nodiscard]] PodResolver pod_resolver(const spec::PodNames& names, const ResolverFacts& facts);

[[nodiscard]] std::string resolv_conf_text(const ResolvConf& conf);

}  // namespace podsd::policies
