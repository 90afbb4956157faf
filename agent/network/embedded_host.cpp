// SPDX-License-Identifier: Apache-2.0
#include "agent/network/embedded_host.hpp"

#include <syslog.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/journal.hpp"
#include "agent/network/forwarding.hpp"
#include "agent/network/host_routes.hpp"
#include "agent/network/link_messages.hpp"
#include "agent/network/packet_filter.hpp"
#include "agent/network/pod_side.hpp"
#include "agent/os/files.hpp"
#include "policies/packet_rules.hpp"
#include "policies/pod_ranges.hpp"

namespace podsd::network {
namespace {

/// Of a pod's interface on the host.
std::string host_end(const policies::Lease& lease) {
  return "pod" + std::to_string(lease.number);
}

Attachment attachment_of(const policies::Lease& lease) {
  Attachment out{pod_interface, lease.addresses, {}};
  for (const spec::IpPrefix& address : lease.addresses)
    out.gateways.push_back(policies::address_at(address, policies::gateway_number).address);
  return out;
}

/// Of the bridge: always the same one, as its addresses are. Locally administered.
constexpr Mac bridge_mac{0x0A, 0x70, 0x00, 0x00, 0x00, 0x01};

/// Made up once for podsd: what a machine's id gives with it says nothing of the machine's id itself
/// (machine-id(5)).
constexpr sd_id128_t application =
    SD_ID128_MAKE(6d, 0b, 2f, 91, 5c, 3e, 47, a8, 9e, 13, 70, c4, 2a, b8, d5, 66);

std::optional<std::array<std::uint8_t, 16>> machine_id() {
  sd_id128_t id{};
  if (::sd_id128_get_machine_app_specific(application, &id) < 0) return std::nullopt;
  return std::to_array(id.bytes);
}

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
  const auto routes = host_routes(*host);
  if (!routes) return std::unexpected(routes.error());
  std::vector<spec::IpPrefix> occupied;
  const std::set<std::string> links = other_links(*host, *routes, occupied);
  if (auto chosen = choose_ranges(occupied); !chosen) return chosen;
  bridge_ = Bridge{0, config_.mtu.value_or(uplink_mtu(*host, *routes))};
  Result<void> done = make_bridge(*host);
  const std::set<spec::IpPrefix> in_use = ranges_in_use();
  if (done)
    done = change_packet_rules(policies::packet_rules_text({config_.bridge, {in_use.begin(), in_use.end()}}));
  if (!done) {
    bridge_.reset();
    return done;
  }
  for (const bool v6 : {false, true})
    if (std::ranges::any_of(in_use, [v6](const auto& range) { return range.address.v6 == v6; }))
      forward(v6, links);
  return {};
}

/// Names of the links that the host's routes lead to, other than the bridge, and where those lead.
std::set<std::string> EmbeddedHost::other_links(Netlink& host, const std::vector<HostRoute>& routes,
                                                std::vector<spec::IpPrefix>& occupied) const {
  const std::uint32_t own = link_index(host, config_.bridge).value_or(0);
  std::set<std::string> names;
  for (const HostRoute& route : routes) {
    if (route.link == 0 || route.link == own) continue;
    const auto link = host_link(host, route.link);
    if (!link || link->name.empty() || link->name == "lo") continue;
    occupied.push_back(route.to);
    names.insert(link->name);
  }
  return names;
}

Result<void> EmbeddedHost::choose_ranges(const std::vector<spec::IpPrefix>& occupied) {
  const policies::RangeHost host{::access("/proc/sys/net/ipv6", F_OK) == 0, machine_id(), occupied};
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

Result<Attachment> EmbeddedHost::attach(const std::string& pod, const UniqueFd& netns) {
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
  if (!made) return std::unexpected(made.error());
  return attachment_of(lease);
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
  auto ports = ports_of(*host, bridge_->index);
  if (!ports) return std::unexpected(ports.error());
  for (const auto& [pod, lease] : leases_.all()) ports->erase(host_end(lease));
  for (const std::string& port : *ports)
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
