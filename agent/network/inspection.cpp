// SPDX-License-Identifier: Apache-2.0
#include "agent/network/inspection.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "agent/network/foreign_rules.hpp"
#include "agent/network/forwarding.hpp"
#include "agent/network/leases.hpp"
#include "agent/network/link_messages.hpp"
#include "agent/network/packet_filter.hpp"
#include "agent/network/surroundings.hpp"
#include "agent/os/files.hpp"
#include "policies/packet_rules.hpp"

namespace podsd::network {
namespace {

bool is_ours(const nlohmann::json& entry) {
  const auto table = entry.find("table");
  return table != entry.end() && table->value("family", "") == "inet" &&
         table->value("name", "") == policies::packet_table;
}

/// Whether the packet filter sees what passes from port to port of a bridge (ip-sysctl.rst, bridge).
bool is_asked_about_bridges() {
  const auto set = os::read_file("/proc/sys/net/bridge/bridge-nf-call-iptables", 16);
  return set && set->starts_with('1');
}

void ask_packet_filter(policies::NetworkFacts& facts) {
  const auto text = list_packet_rules();
  const auto ruleset = nlohmann::json::parse(text.value_or(""), nullptr, false);
  facts.rules_asked = ruleset.is_object() && ruleset.contains("nftables");
  if (!facts.rules_asked) return;
  facts.rules_there = std::ranges::any_of(ruleset["nftables"], is_ours);
  if (facts.pods) facts.barriers = foreign_barriers(ruleset, facts.bridge, is_asked_about_bridges());
}

Result<void> ask_bridge(Netlink& host, Inspection& out) {
  const auto index = link_index(host, out.facts.bridge);
  out.facts.bridge_there = index.has_value();
  if (!index) return {};
  const auto link = host_link(host, *index);
  if (!link) return std::unexpected(link.error());
  const auto addresses = addresses_of(host, *index);
  if (!addresses) return std::unexpected(addresses.error());
  out.facts.bridge_up = link->up;
  out.mtu = link->mtu;
  for (const auto& [pod, lease] : out.pods)
    for (const spec::IpPrefix& address : lease.addresses)
      if (const auto gateway = policies::address_at(spec::range_of(address), policies::gateway_number);
          !addresses->contains(gateway))
        out.facts.missing.insert(gateway);
  return {};
}

bool has_family(const std::vector<spec::IpPrefix>& ranges, bool v6) {
  return std::ranges::any_of(ranges, [v6](const auto& range) { return range.address.v6 == v6; });
}

}  // namespace

std::string host_end(const policies::Lease& lease) {
  return "pod" + std::to_string(lease.number);
}

Result<Inspection> inspect_embedded(const spec::NetworkConfig& config, const std::filesystem::path& state) {
  Inspection out;
  Leases leases(state / "network.json");
  if (auto loaded = leases.load(); !loaded) return std::unexpected(loaded.error());
  out.pods = leases.all();
  out.facts.bridge = config.bridge;
  out.facts.pods = !out.pods.empty();
  auto host = Netlink::open();
  if (!host) return std::unexpected(host.error());
  const auto around = look_around(*host, config.bridge);
  if (!around) return std::unexpected(around.error());
  if (auto ranges = policies::pod_ranges(config, leases.chosen_ranges(), around->host))
    out.ranges = std::move(*ranges);
  else
    out.facts.faults.push_back(ranges.error().message());
  if (auto asked = ask_bridge(*host, out); !asked) return std::unexpected(asked.error());
  if (out.facts.bridge_there && has_family(out.ranges, false))
    out.facts.not_forwarding4 = not_forwarding(false, config.bridge, around->links);
  if (out.facts.bridge_there && has_family(out.ranges, true))
    out.facts.not_forwarding6 = not_forwarding(true, config.bridge, around->links);
  ask_packet_filter(out.facts);
  return out;
}

}  // namespace podsd::network
