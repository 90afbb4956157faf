// SPDX-License-Identifier: Apache-2.0
#include "policies/pod_ranges.hpp"

#include <algorithm>

#include "policies/pod_addresses.hpp"

namespace podsd::policies {
namespace {

Result<spec::IpPrefix> fresh(bool v6, const RangeHost& host) {
  if (v6 && !host.id)
    return fail("cannot derive an IPv6 range from the machine's id: set network.ipv6 in podsd.yaml");
  if (v6) return default_ipv6(*host.id);
  const auto range = default_ipv4(host.occupied);
  if (!range) return fail("the host's routes leave no IPv4 range for pods: set network.ipv4 in podsd.yaml");
  return *range;
}

/// The range of one family.
Result<spec::IpPrefix> range_for(bool v6, const std::optional<spec::IpPrefix>& wanted,
                                 std::span<const spec::IpPrefix> chosen, const RangeHost& host) {
  const auto kept = std::ranges::find(chosen, v6, [](const auto& range) { return range.address.v6; });
  auto range = wanted                 ? Result<spec::IpPrefix>(*wanted)
               : kept != chosen.end() ? Result<spec::IpPrefix>(*kept)
                                      : fresh(v6, host);
  if (!range) return range;
  for (const spec::IpPrefix& other : host.occupied)
    if (other.length > 0 && spec::overlap(*range, other))
      return fail("the pods' range " + spec::to_string(*range) + " collides with the host's route to " +
                  spec::to_string(other) + ": set network." + (v6 ? "ipv6" : "ipv4") + " in podsd.yaml");
  return range;
}

}  // namespace

Result<std::vector<spec::IpPrefix>> pod_ranges(const spec::NetworkConfig& config,
                                               std::span<const spec::IpPrefix> chosen,
                                               const RangeHost& host) {
  std::vector<spec::IpPrefix> ranges;
  for (const bool v6 : {false, true}) {
    const spec::IpFamilyConfig& family = v6 ? config.ipv6 : config.ipv4;
    if (family.off) continue;
    if (v6 && !host.ipv6) {
      if (family.range) return fail("network.ipv6 of podsd.yaml: this host has no IPv6");
      continue;
    }
    auto range = range_for(v6, family.range, chosen, host);
    if (!range) return std::unexpected(range.error());
    ranges.push_back(*range);
  }
  if (ranges.empty()) return fail("this host has no IPv6, and network.ipv4 of podsd.yaml is none");
  return ranges;
}

}  // namespace podsd::policies
