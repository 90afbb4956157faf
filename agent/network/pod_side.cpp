// SPDX-License-Identifier: Apache-2.0
#include "agent/network/pod_side.hpp"

#include <cerrno>

#include "agent/network/link_messages.hpp"
#include "agent/network/netns.hpp"
#include "agent/os/files.hpp"

namespace podsd::network {

Result<PodSide> PodSide::open(const UniqueFd& netns) {
  const auto inside = InNetns::enter(netns);
  if (!inside) return std::unexpected(inside.error());
  // /proc/sys/net is that of the reading thread's namespace. ENOENT: a kernel without IPv6.
  for (const char* name : {"accept_ra", "accept_dad"})
    if (auto off = os::write_existing(std::string("/proc/sys/net/ipv6/conf/default/") + name, "0");
        !off && off.error().code != ENOENT)
      return std::unexpected(off.error());
  auto netlink = Netlink::open();
  if (!netlink) return std::unexpected(netlink.error());
  return PodSide(std::move(*netlink));
}

Result<void> PodSide::configure(const Attachment& attachment, std::uint32_t mtu) {
  const auto index = link_index(netlink_, attachment.interface);
  if (!index) return std::unexpected(index.error());
  std::vector<Message> messages;
  messages.push_back(take_link_up(attachment.interface, mtu));
  for (const spec::IpPrefix& address : attachment.addresses) messages.push_back(add_address(*index, address));
  for (const spec::IpAddress& gateway : attachment.gateways)
    messages.push_back(add_default_route(*index, gateway));
  return netlink_.run(messages);
}

}  // namespace podsd::network
