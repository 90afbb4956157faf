// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>

#include "policies/network_check.hpp"
#include "policies/pod_addresses.hpp"
#include "spec/config.hpp"

namespace podsd::network {

/// The embedded network as it is on this host, whether or not an agent runs.
struct Inspection {
  std::vector<spec::IpPrefix> ranges;           ///< that new pods get addresses from; empty: a fault says why
  std::uint32_t mtu = 0;                        ///< of the bridge; 0 without one
  std::map<std::string, policies::Lease> pods;  ///< by the sandbox's id
  policies::NetworkFacts facts;
};

/// `state` is the folder that survives a reboot. Changes nothing. Errors: the record of addresses cannot be
/// read; the kernel answers no rtnetlink(7).
[[nodiscard]] Result<Inspection> inspect_embedded(const spec::NetworkConfig& config,
                                                  const std::filesystem::path& state);

/// The pod's interface on the host.
[[nodiscard]] std::string host_end(const policies::Lease& lease);

}  // namespace podsd::network
