// SPDX-License-Identifier: Apache-2.0
// Which names this node's pods have, and who may hear of what.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policies/dns_message.hpp"

namespace podsd::policies {

/// A pod that can be reached.
struct NamedPod {
  std::string ns, name;
  std::string hostname, subdomain;  ///< without domain; subdomain may be empty
  std::vector<spec::IpAddress> addresses;
};

/// The answer to a question of `asker`, which is the stub's to give. Absent: it is to be asked elsewhere.
///
/// - POD.NAMESPACE.pod, and POD alone for those in the same namespace: the pod's addresses
/// - HOSTNAME.SUBDOMAIN.NAMESPACE.svc.cluster.local: those of the pod with that hostname and subdomain;
///   SUBDOMAIN.NAMESPACE.svc.cluster.local: those of all pods with it, as of a headless Service
/// - the address of a pod in in-addr.arpa or ip6.arpa: POD.NAMESPACE.pod
///
/// Everything else below pod, cluster.local and the reverse of `ranges`, the pods', does not exist.
[[nodiscard]] std::optional<dns::Answer> node_answer(const dns::Query& query, const spec::IpAddress& asker,
                                                     std::span<const NamedPod> pods,
                                                     std::span<const spec::IpPrefix> ranges);

}  // namespace podsd::policies
