// SPDX-License-Identifier: Apache-2.0
#include "agent/network/host_routes.hpp"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace podsd::network {
namespace {

std::uint32_t route_mtu(const nlattr& metrics) {
  std::uint32_t mtu = 0;
  each_attribute(mnl_attr_get_payload(&metrics), mnl_attr_get_payload_len(&metrics), [&mtu](const nlattr& a) {
    if (mnl_attr_get_type(&a) == RTAX_MTU) mtu = mnl_attr_get_u32(&a);
  });
  return mtu;
}

std::uint32_t first_hop(const nlattr& hops) {
  if (mnl_attr_get_payload_len(&hops) < sizeof(rtnexthop)) return 0;
  return static_cast<std::uint32_t>(static_cast<const rtnexthop*>(mnl_attr_get_payload(&hops))->rtnh_ifindex);
}

void read_attribute(const nlattr& a, HostRoute& route) {
  switch (mnl_attr_get_type(&a)) {
    case RTA_DST:
      std::memcpy(route.to.address.bytes.data(), mnl_attr_get_payload(&a),
                  std::min<std::size_t>(mnl_attr_get_payload_len(&a), 16));
      break;
    case RTA_OIF:
      route.link = mnl_attr_get_u32(&a);
      break;
    case RTA_PRIORITY:
      route.metric = mnl_attr_get_u32(&a);
      break;
    case RTA_METRICS:
      route.mtu = route_mtu(a);
      break;
    case RTA_MULTIPATH:
      route.link = first_hop(a);
      break;
    default:
      break;
  }
}

std::optional<HostRoute> read_route(const nlmsghdr& message) {
  const auto& header = *static_cast<const rtmsg*>(mnl_nlmsg_get_payload(&message));
  // Routes of other tables are chosen by rules that the host's administrator made.
  if (header.rtm_type != RTN_UNICAST || header.rtm_table != RT_TABLE_MAIN) return std::nullopt;
  HostRoute route;
  route.to.address.v6 = header.rtm_family == AF_INET6;
  route.to.length = header.rtm_dst_len;
  each_attribute(message, sizeof header, [&route](const nlattr& a) { read_attribute(a, route); });
  return route;
}

}  // namespace

Result<std::vector<HostRoute>> host_routes(Netlink& netlink) {
  std::vector<HostRoute> routes;
  for (const std::uint8_t family : {AF_INET, AF_INET6}) {
    Message m("cannot list the host's routes", RTM_GETROUTE, NLM_F_DUMP);
    m.header<rtmsg>().rtm_family = family;
    const auto listed = netlink.get(std::move(m), [&routes, family](const nlmsghdr& message) {
      const auto route = read_route(message);
      if (route && route->to.address.v6 == (family == AF_INET6)) routes.push_back(*route);
    });
    if (!listed) return std::unexpected(listed.error());
  }
  return routes;
}

Result<HostLink> host_link(Netlink& netlink, std::uint32_t index) {
  Message m("cannot find link " + std::to_string(index), RTM_GETLINK, 0);
  m.header<ifinfomsg>().ifi_index = static_cast<int>(index);
  HostLink link;
  const auto found = netlink.get(std::move(m), [&link](const nlmsghdr& message) {
    link.up = (static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&message))->ifi_flags & IFF_UP) != 0;
    each_attribute(message, sizeof(ifinfomsg), [&link](const nlattr& a) {
      if (mnl_attr_get_type(&a) == IFLA_IFNAME) link.name = mnl_attr_get_str(&a);
      if (mnl_attr_get_type(&a) == IFLA_MTU) link.mtu = mnl_attr_get_u32(&a);
    });
  });
  if (!found) return std::unexpected(found.error());
  return link;
}

Result<std::set<std::string>> ports_of(Netlink& netlink, std::uint32_t bridge) {
  Message m("cannot list the host's links", RTM_GETLINK, NLM_F_DUMP);
  m.header<ifinfomsg>();
  std::set<std::string> ports;
  const auto listed = netlink.get(std::move(m), [&](const nlmsghdr& message) {
    std::string name;
    std::uint32_t master = 0;
    each_attribute(message, sizeof(ifinfomsg), [&](const nlattr& a) {
      if (mnl_attr_get_type(&a) == IFLA_IFNAME) name = mnl_attr_get_str(&a);
      if (mnl_attr_get_type(&a) == IFLA_MASTER) master = mnl_attr_get_u32(&a);
    });
    if (master == bridge) ports.insert(name);
  });
  if (!listed) return std::unexpected(listed.error());
  return ports;
}

Result<std::set<spec::IpPrefix>> addresses_of(Netlink& netlink, std::uint32_t link) {
  std::set<spec::IpPrefix> addresses;
  for (const std::uint8_t family : {AF_INET, AF_INET6}) {
    Message m("cannot list the addresses of link " + std::to_string(link), RTM_GETADDR, NLM_F_DUMP);
    m.header<ifaddrmsg>().ifa_family = family;
    const auto listed = netlink.get(std::move(m), [&](const nlmsghdr& message) {
      const auto& header = *static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(&message));
      if (header.ifa_index != link || header.ifa_family != family || header.ifa_scope == RT_SCOPE_LINK)
        return;
      spec::IpPrefix address{{family == AF_INET6, {}}, header.ifa_prefixlen};
      each_attribute(message, sizeof header, [&address](const nlattr& a) {
        if (mnl_attr_get_type(&a) == IFA_ADDRESS)
          std::memcpy(address.address.bytes.data(), mnl_attr_get_payload(&a),
                      std::min<std::size_t>(mnl_attr_get_payload_len(&a), 16));
      });
      addresses.insert(address);
    });
    if (!listed) return std::unexpected(listed.error());
  }
  return addresses;
}

std::uint32_t uplink_mtu(Netlink& netlink, const std::vector<HostRoute>& routes) {
  constexpr std::uint32_t ethernet = 1500;
  std::vector<HostRoute> defaults;
  std::ranges::copy_if(routes, std::back_inserter(defaults),
                       [](const HostRoute& route) { return route.to.length == 0; });
  std::ranges::stable_sort(
      defaults, {}, [](const HostRoute& route) { return std::pair(route.to.address.v6, route.metric); });
  for (const HostRoute& route : defaults) {
    if (route.mtu != 0) return route.mtu;
    if (const auto link = host_link(netlink, route.link); link && link->mtu != 0) return link->mtu;
  }
  return ethernet;
}

}  // namespace podsd::network
