// SPDX-License-Identifier: Apache-2.0
#include "agent/network/embedded_host.hpp"

#include <syslog.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "agent/journal.hpp"
#include "agent/network/bandwidth.hpp"
#include "agent/network/flows.hpp"
#include "agent/network/forwarding.hpp"
#include "agent/network/inspection.hpp"
#include "agent/network/link_messages.hpp"
#include "agent/network/packet_filter.hpp"
#include "agent/network/pod_side.hpp"
#include "agent/network/surroundings.hpp"
#include "agent/os/files.hpp"
#include "policies/packet_rules.hpp"

namespace podsd::network {
namespace {

Attachment attachment_of(const policies::Lease& lease) {
  Attachment out{pod_interface, lease.addresses, {}};
  for (const spec::IpPrefix& address : lease.addresses)
    out.gateways.push_back(policies::address_at(address, policies::gateway_number).address);
  return out;
}

/// Of the bridge: always the same one, as its addresses are. Locally administered.
constexpr Mac bridge_mac{0x0A, 0x70, 0x00, 0x00, 0x00, 0x01};

}  // namespace

Attachments EmbeddedHost::known() const {
  Attachments known;
  for (const auto& [pod, lease] : leases_.all()) known[pod] = attachment_of(lease);
  return known;
}

Result<void> EmbeddedHost::prepare(const std::string& pod) {
  if (auto ready = set_up(); !ready) return ready;
  const auto lease = leases_.take(pod, ranges_);
  return lease ? Result<void>() : std::unexpected(lease.error());
}

std::set<spec::IpPrefix> EmbeddedHost::ranges_in_use() const {
  std::set<spec::IpPrefix> ranges(ranges_.begin(), ranges_.end());
  for (const auto& [pod, lease] : leases_.all())
    for (const spec::IpPrefix& address : lease.addresses) ranges.insert(spec::range_of(address));
  return ranges;
}

/// Once; an administrator who takes part of it away is asked to restart the agent, which does it again.
Result<void> EmbeddedHost::set_up() {
  if (bridge_) return {};
  auto host = Netlink::open();
  if (!host) return std::unexpected(host.error());
  const auto around = look_around(*host, config_.bridge);
  if (!around) return std::unexpected(around.error());
  if (auto chosen = choose_ranges(around->host); !chosen) return chosen;
  bridge_ = Bridge{0, config_.mtu.value_or(uplink_mtu(*host, around->routes))};
  Result<void> done = make_bridge(*host);
  const std::set<spec::IpPrefix> in_use = ranges_in_use();
  if (done) done = change_packet_rules(policies::packet_rules_text(rules()));
  if (!done) {
    bridge_.reset();
    return done;
  }
  for (const bool v6 : {false, true})
    if (std::ranges::any_of(in_use, [v6](const auto& range) { return range.address.v6 == v6; }))
      forward(v6, around->links);
  return {};
}

Result<void> EmbeddedHost::choose_ranges(const policies::RangeHost& host) {
  auto ranges = policies::pod_ranges(config_, leases_.chosen_ranges(), host);
  if (!ranges) return std::unexpected(ranges.error());
  std::vector<spec::IpPrefix> chosen;
  std::ranges::copy_if(*ranges, std::back_inserter(chosen), [this](const spec::IpPrefix& range) {
    return !(range.address.v6 ? config_.ipv6 : config_.ipv4).range;
  });
  if (chosen != leases_.chosen_ranges())
    if (auto kept = leases_.keep_ranges(chosen); !kept) return kept;
  ranges_ = std::move(*ranges);
  return {};
}

/// Without forwarding pods still reach each other and this host.
void EmbeddedHost::forward(bool v6, const std::set<std::string>& links) const {
  std::vector<std::string> switched;
  if (auto on = switch_on_forwarding(v6, config_.bridge, links, switched); !on)
    journal::write(LOG_WARNING, "pods reach no other host: " + on.error().message(), {});
  for (const std::string& text : switched) journal::write(LOG_NOTICE, text, {});
}

Result<void> EmbeddedHost::make_bridge(Netlink& host) {
  if (auto made = host.run(add_bridge(config_.bridge, bridge_mac)); !made && made.error().code != EEXIST)
    return made;
  const auto index = link_index(host, config_.bridge);
  if (!index) return std::unexpected(index.error());
  bridge_->index = *index;
  // So that a port of 127.0.0.1 can lead to a pod; the packet filter's rules keep pods from the host's
  // loopback.
  const std::string own4 = "/proc/sys/net/ipv4/conf/" + config_.bridge + "/route_localnet";
  if (auto on = os::write_existing(own4, "1"); !on) return on;
  // A pod must not be able to give this host routes (CVE-2020-13401).
  const std::string own = "/proc/sys/net/ipv6/conf/" + config_.bridge + "/";
  for (const char* name : {"accept_ra", "accept_dad"})
    if (auto off = os::write_existing(own + name, "0"); !off && off.error().code != ENOENT) return off;
  std::vector<Message> messages;
  messages.push_back(take_link_up(config_.bridge, bridge_->mtu));
  for (const spec::IpPrefix& range : ranges_in_use())
    messages.push_back(add_address(*index, policies::address_at(range, policies::gateway_number)));
  return host.run(messages);
}

Result<Attachment> EmbeddedHost::attach(const PodRequest& request, const UniqueFd& netns) {
  const std::string& pod = request.id;
  if (auto ready = prepare(pod); !ready) return std::unexpected(ready.error());
  const policies::Lease& lease = *leases_.find(pod);
  Result<void> made = connect(lease, pod, netns);
  if (!made && (made.error().code == ENODEV || made.error().code == EINVAL)) {
    // Somebody removed the bridge.
    bridge_.reset();
    static_cast<void>(detach(pod));
    made = set_up();
    if (made) made = connect(lease, pod, netns);
  }
  if (made) made = ask(request);
  if (!made) return std::unexpected(made.error());
  return attachment_of(lease);
}

Result<void> EmbeddedHost::update(const PodRequest& pod) {
  if (bridge_) return ask(pod);
  // At the agent's start, of a pod whose links are as they were asked for: set_up() takes all ports at once.
  attached_[pod.id] = pod;
  return {};
}

/// Ports and bandwidth of an attached pod, where they differ from what it has.
Result<void> EmbeddedHost::ask(const PodRequest& pod) {
  const policies::Lease* lease = leases_.find(pod.id);
  if (lease == nullptr) return {};
  const PodRequest before = std::exchange(attached_[pod.id], pod);
  if (before.ports != pod.ports)
    if (auto changed = change_ports(before.ports, pod.ports); !changed) return changed;
  if (before.bandwidth == pod.bandwidth) return {};
  auto host = Netlink::open();
  if (!host) return std::unexpected(host.error());
  return limit_bandwidth(*host, {host_end(*lease), pod.id, bridge_->mtu}, before.bandwidth, pod.bandwidth);
}

policies::PacketRules EmbeddedHost::rules() const {
  const std::set<spec::IpPrefix> ranges = ranges_in_use();
  policies::PacketRules rules{config_.bridge, {ranges.begin(), ranges.end()}, {}};
  for (const auto& [pod, asked] : attached_)
    if (const policies::Lease* lease = leases_.find(pod))
      std::ranges::move(policies::port_rules(asked.ports, lease->addresses), std::back_inserter(rules.ports));
  return rules;
}

/// Of a pod that had some and has others now. A table that somebody removed (`nft flush ruleset`) is made
/// again.
Result<void> EmbeddedHost::change_ports(const HostPorts& before, const HostPorts& now) {
  const policies::PacketRules wanted = rules();
  if (!change_packet_rules(policies::port_changes_text(wanted.ports)))
    if (auto made = change_packet_rules(policies::packet_rules_text(wanted)); !made) return made;
  std::set<std::uint16_t> udp;
  for (const HostPorts* ports : {&before, &now})
    for (const policies::HostPort& port : *ports)
      if (port.protocol == "UDP") udp.insert(port.host_port);
  if (udp.empty()) return {};
  if (auto forgotten = forget_udp_flows(udp); !forgotten)
    journal::write(LOG_WARNING,
                   "who speaks to pods' UDP ports may go on where it was: " + forgotten.error().message(),
                   {});
  return {};
}

Result<void> EmbeddedHost::connect(const policies::Lease& lease, const std::string& pod,
                                   const UniqueFd& netns) {
  auto host = Netlink::open();
  if (!host) return std::unexpected(host.error());
  const Veth veth{host_end(lease), pod_interface, pod, netns.get(), policies::mac_of(lease), bridge_->mtu};
  auto inside = PodSide::open(netns);
  if (!inside) return std::unexpected(inside.error());
  std::vector<Message> both;
  const auto make = [&] {
    both.clear();
    both.push_back(add_veth(veth));
    both.push_back(add_port(veth.host_end, bridge_->index));
    both.push_back(reflect(veth.host_end));
    return host->run(both);
  };
  Result<void> made = make();
  if (!made && made.error().code == EEXIST) {
    // Of an earlier start of this pod: no other has its number.
    if (auto gone = host->run(delete_link(veth.host_end)); !gone) return gone;
    made = make();
  }
  return made ? inside->configure(attachment_of(lease), bridge_->mtu) : made;
}

Result<void> EmbeddedHost::detach(const std::string& pod) {
  const policies::Lease* lease = leases_.find(pod);
  if (lease == nullptr) return {};
  const auto had = attached_.extract(pod);
  if (had && !had.mapped().ports.empty())
    if (auto changed = change_ports(had.mapped().ports, {}); !changed) return changed;
  auto host = Netlink::open();
  if (!host) return std::unexpected(host.error());
  const Result<void> gone = host->run(delete_link(host_end(*lease)));
  return gone || gone.error().code == ENODEV ? Result<void>() : gone;
}

Result<void> EmbeddedHost::release(const std::string& pod) {
  if (leases_.find(pod) == nullptr) return {};
  if (auto freed = leases_.free(pod); !freed) return freed;
  return leases_.all().empty() ? tear_down() : Result<void>();
}

Result<void> EmbeddedHost::keep_only(const std::set<std::string>& pods) {
  std::set<std::string> strangers;
  for (const auto& [pod, lease] : leases_.all())
    if (!pods.contains(pod)) strangers.insert(pod);
  for (const std::string& pod : strangers) {
    if (auto gone = detach(pod); !gone) return gone;
    if (auto freed = leases_.free(pod); !freed) return freed;
  }
  if (leases_.all().empty()) return tear_down();
  if (auto ready = set_up(); !ready) return ready;
  auto host = Netlink::open();
  if (!host) return std::unexpected(host.error());
  auto links = ports_of(*host, bridge_->index);
  if (!links) return std::unexpected(links.error());
  for (const auto& [pod, lease] : leases_.all())
    // A bridge that somebody removed comes back without ports. ENODEV: a pod that is not up.
    if (links->erase(host_end(lease)) == 0) {
      Message again[] = {add_port(host_end(lease), bridge_->index), reflect(host_end(lease))};
      if (auto added = host->run(again); !added && added.error().code != ENODEV) return added;
    }
  for (const std::string& port : *links)
    if (port.starts_with("pod"))
      if (auto gone = host->run(delete_link(port)); !gone && gone.error().code != ENODEV) return gone;
  return {};
}

Result<void> EmbeddedHost::tear_down() {
  bridge_.reset();
  auto host = Netlink::open();
  if (!host) return std::unexpected(host.error());
  const Result<void> gone = host->run(delete_link(config_.bridge));
  if (!gone && gone.error().code != ENODEV) return gone;
  // Without a bridge there never was a table, and a kernel without nf_tables could not be asked.
  return gone ? change_packet_rules(policies::no_packet_rules_text()) : Result<void>();
}

}  // namespace podsd::network
