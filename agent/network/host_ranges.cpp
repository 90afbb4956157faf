// SPDX-License-Identifier: Apache-2.0
#include "agent/network/host_ranges.hpp"

#include <systemd/sd-id128.h>
#include <unistd.h>

#include <algorithm>

#include "policies/pod_addresses.hpp"

namespace podsd::network {
namespace {

/// Made up once for podsd: what a machine's id gives with it says nothing of the machine's id itself
/// (machine-id(5)).
constexpr sd_id128_t application =
    SD_ID128_MAKE(6d, 0b, 2f, 91, 5c, 3e, 47, a8, 9e, 13, 70, c4, 2a, b8, d5, 66);

Result<spec::IpPrefix> fresh(bool v6, const std::vector<spec::IpPrefix>& occupied) {
  if (v6) {
    sd_id128_t id{};
    if (const int error = ::sd_id128_get_machine_app_specific(application, &id); error < 0)
      return fail("cannot derive an IPv6 range from the machine's id: set network.ipv6 in podsd.yaml", "",
                  -error);
    return policies::default_ipv6(std::span<const std::uint8_t, 16>(id.bytes));
  }
  const auto range = policies::default_ipv4(occupied);
  if (!range) return fail("the host's routes leave no IPv4 range for pods: set network.ipv4 in podsd.yaml");
  return *range;
}

/// The range of one family.
Result<spec::IpPrefix> range_for(bool v6, const std::optional<spec::IpPrefix>& wanted,
                                 const std::vector<spec::IpPrefix>& chosen,
                                 const std::vector<spec::IpPrefix>& occupied) {
  const auto kept = std::ranges::find(chosen, v6, [](const auto& range) { return range.address.v6; });
  auto range = wanted                 ? Result<spec::IpPrefix>(*wanted)
               : kept != chosen.end() ? Result<spec::IpPrefix>(*kept)
                                      : fresh(v6, occupied);
  if (!range) return range;
  for (const spec::IpPrefix& other : occupied)
    if (other.length > 0 && spec::overlap(*range, other))
      return fail("the pods' range " + spec::to_string(*range) + " collides with the host's route to " +
                  spec::to_string(other) + ": set network." + (v6 ? "ipv6" : "ipv4") + " in podsd.yaml");
  return range;
}

}  // namespace

Result<std::vector<spec::IpPrefix>> pod_ranges(const spec::NetworkConfig& config,
                                               const std::vector<spec::IpPrefix>& chosen,
                                               const std::vector<spec::IpPrefix>& occupied) {
  std::vector<spec::IpPrefix> ranges;
  for (const bool v6 : {false, true}) {
    const spec::IpFamilyConfig& family = v6 ? config.ipv6 : config.ipv4;
    if (family.off) continue;
    if (v6 && ::access("/proc/sys/net/ipv6", F_OK) != 0) {
      if (family.range) return fail("network.ipv6 of podsd.yaml: this host has no IPv6");
      continue;
    }
    auto range = range_for(v6, family.range, chosen, occupied);
    if (!range) return std::unexpected(range.error());
    ranges.push_back(*range);
  }
  if (ranges.empty()) return fail("this host has no IPv6, and network.ipv4 of podsd.yaml is none");
  return ranges;
}

}  // namespace podsd::network
