// SPDX-License-Identifier: Apache-2.0
// A pod's /etc/hosts, as the kubelet writes it (docs: "Adding entries to Pod /etc/hosts with HostAliases").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/pod_names.hpp"

namespace podsd::policies {

/// Of a pod with a network of its own: loopback, its own addresses with its names, the aliases. A pod without
/// an address stands at 127.0.0.1. `domain` may be empty.
[[nodiscard]] std::string hosts_text(const std::vector<std::string>& addresses, const std::string& hostname,
                                     const std::string& domain, const std::vector<spec::HostAlias>& aliases);

/// Of a pod with hostNetwork: the host's file with the aliases behind.
[[nodiscard]] std::string host_network_hosts_text(std::string_view host_file,
                                                  const std::vector<spec::HostAlias>& aliases);

}  // namespace podsd::policies
