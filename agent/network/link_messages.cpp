// SPDX-License-Identifier: Apache-2.0
#include "agent/network/link_messages.hpp"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>

namespace podsd::network {
namespace {

constexpr std::uint16_t make = NLM_F_CREATE | NLM_F_EXCL;

std::uint8_t family_of(const spec::IpAddress& address) {
  return address.v6 ? AF_INET6 : AF_INET;
}

void take_up(ifinfomsg& link) {
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
}

}  // namespace

Message add_bridge(const std::string& name, const Mac& mac) {
  Message m("cannot make the bridge " + name, RTM_NEWLINK, make);
  m.header<ifinfomsg>();
  m.put_text(IFLA_IFNAME, name);
  m.put_bytes(IFLA_ADDRESS, mac);
  m.nest(IFLA_LINKINFO, [&] {
    m.put_text(IFLA_INFO_KIND, "bridge");
    m.nest(IFLA_INFO_DATA, [&] { m.put_byte(IFLA_BR_MCAST_SNOOPING, 0); });
  });
  return m;
}

Message add_veth(const Veth& veth) {
  Message m("cannot make the veth pair " + veth.host_end, RTM_NEWLINK, make);
  m.header<ifinfomsg>();
  m.put_text(IFLA_IFNAME, veth.host_end);
  m.put_text(IFLA_IFALIAS, veth.alias);
  m.put(IFLA_MTU, veth.mtu);
  m.nest(IFLA_LINKINFO, [&] {
    m.put_text(IFLA_INFO_KIND, "veth");
    m.nest(IFLA_INFO_DATA, [&] {
      m.nest(VETH_INFO_PEER, [&] {
        m.header<ifinfomsg>();
        m.put_text(IFLA_IFNAME, veth.pod_end);
        m.put_bytes(IFLA_ADDRESS, veth.mac);
        m.put(IFLA_MTU, veth.mtu);
        m.put(IFLA_NET_NS_FD, static_cast<std::uint32_t>(veth.netns));
      });
    });
  });
  return m;
}

Message add_port(const std::string& name, std::uint32_t bridge) {
  Message m("cannot make " + name + " a port of the bridge", RTM_NEWLINK, 0);
  take_up(m.header<ifinfomsg>());
  m.put_text(IFLA_IFNAME, name);
  m.put(IFLA_MASTER, bridge);
  m.nest(IFLA_AF_SPEC,
         [&] { m.nest(AF_INET6, [&] { m.put_byte(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE); }); });
  return m;
}

Message reflect(const std::string& name) {
  Message m("cannot make " + name + " reflect", RTM_NEWLINK, 0);
  m.header<ifinfomsg>();
  m.put_text(IFLA_IFNAME, name);
  m.nest(IFLA_LINKINFO, [&] {
    m.put_text(IFLA_INFO_SLAVE_KIND, "bridge");
    m.nest(IFLA_INFO_SLAVE_DATA, [&] { m.put_byte(IFLA_BRPORT_MODE, 1); });
  });
  return m;
}

Message take_link_up(const std::string& name, std::uint32_t mtu) {
  Message m("cannot take up " + name, RTM_NEWLINK, 0);
  take_up(m.header<ifinfomsg>());
  m.put_text(IFLA_IFNAME, name);
  m.put(IFLA_MTU, mtu);
  return m;
}

Message add_address(std::uint32_t link, const spec::IpPrefix& address) {
  Message m("cannot set the address " + spec::to_string(address), RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
  auto& header = m.header<ifaddrmsg>();
  header.ifa_family = family_of(address.address);
  header.ifa_prefixlen = static_cast<std::uint8_t>(address.length);
  header.ifa_index = link;
  m.put_address(IFA_LOCAL, address.address);
  m.put_address(IFA_ADDRESS, address.address);
  if (address.address.v6) m.put(IFA_FLAGS, IFA_F_NODAD);
  return m;
}

Message add_default_route(std::uint32_t link, const spec::IpAddress& gateway) {
  Message m("cannot set the default route by " + spec::to_string(gateway), RTM_NEWROUTE, make);
  auto& header = m.header<rtmsg>();
  header.rtm_family = family_of(gateway);
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_protocol = RTPROT_STATIC;
  header.rtm_scope = RT_SCOPE_UNIVERSE;
  header.rtm_type = RTN_UNICAST;
  m.put_address(RTA_GATEWAY, gateway);
  m.put(RTA_OIF, link);
  return m;
}

Message delete_link(const std::string& name) {
  Message m("cannot remove " + name, RTM_DELLINK, 0);
  m.header<ifinfomsg>();
  m.put_text(IFLA_IFNAME, name);
  return m;
}

Result<std::uint32_t> link_index(Netlink& netlink, const std::string& name) {
  Message m("cannot find " + name, RTM_GETLINK, 0);
  m.header<ifinfomsg>();
  m.put_text(IFLA_IFNAME, name);
  std::uint32_t index = 0;
  const auto found = netlink.get(std::move(m), [&index](const nlmsghdr& link) {
    index =
        static_cast<std::uint32_t>(static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&link))->ifi_index);
  });
  if (!found) return std::unexpected(found.error());
  return index;
}

}  // namespace podsd::network
