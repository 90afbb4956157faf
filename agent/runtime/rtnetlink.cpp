// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/rtnetlink.hpp"

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>

namespace podsd::runtime {
namespace {

template <typename Value>
std::string bytes_of(const Value& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string aligned(std::string bytes) {
  bytes.resize(NLMSG_ALIGN(bytes.size()));
  return bytes;
}

std::string attribute(unsigned short type, const std::string& value) {
  const rtattr header = {static_cast<unsigned short>(RTA_LENGTH(value.size())), type};
  return aligned(bytes_of(header) + value);
}

Result<void> send_request(const UniqueFd& socket, unsigned short type, unsigned short flags,
                          const std::string& body) {
  nlmsghdr header = {};
  header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(body.size()));
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<unsigned short>(NLM_F_REQUEST | flags);
  const std::string message = bytes_of(header) + body;
  if (send(socket.get(), message.data(), message.size(), 0) < 0)
    return fail("cannot speak to the kernel's network", {}, errno);
  return {};
}

// Up to the end of the answer. Errors: what the kernel says.
Result<void> receive(const UniqueFd& socket, const std::function<void(const nlmsghdr&)>& each) {
  std::string buffer(32768, '\0');  // more than the kernel puts into one packet of a dump
  for (;;) {
    const ssize_t size = recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail("cannot read the answer of the kernel's network", {}, errno);
    auto left = static_cast<unsigned>(size);
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(message, left);
         message = NLMSG_NEXT(message, left)) {
      if (message->nlmsg_type == NLMSG_DONE) return {};
      if (message->nlmsg_type == NLMSG_ERROR) {
        const int code = -static_cast<const nlmsgerr*>(NLMSG_DATA(message))->error;
        return code == 0 ? Result<void>() : fail("the kernel's network", {}, code);
      }
      each(*message);
    }
  }
}

Result<void> request(const UniqueFd& socket, unsigned short type, unsigned short flags,
                     const std::string& body) {
  if (auto sent = send_request(socket, type, static_cast<unsigned short>(flags | NLM_F_ACK), body); !sent)
    return sent;
  return receive(socket, [](const nlmsghdr&) {});
}

ifreq named(const std::string& name) {
  ifreq request = {};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

// What an RTM_NEWADDR says of an address, to be said again elsewhere: without the state of duplicate address
// detection, the label, which has the device's old name, and when it was made. Nothing for addresses that the
// kernel or a router has given.
std::string permanent_address(const nlmsghdr& message, int index) {
  auto header = *static_cast<const ifaddrmsg*>(NLMSG_DATA(&message));
  if (header.ifa_index != static_cast<unsigned>(index) || header.ifa_scope != RT_SCOPE_UNIVERSE) return {};
  std::uint32_t flags = header.ifa_flags;
  std::string attributes;
  auto left = static_cast<unsigned>(IFA_PAYLOAD(&message));
  for (auto* one = IFA_RTA(NLMSG_DATA(&message)); RTA_OK(one, left); one = RTA_NEXT(one, left)) {
    const std::string value(static_cast<const char*>(RTA_DATA(one)), RTA_PAYLOAD(one));
    if (one->rta_type == IFA_FLAGS && value.size() == sizeof flags)
      std::memcpy(&flags, value.data(), sizeof flags);
    for (auto kept : {IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_RT_PRIORITY})
      if (one->rta_type == kept) attributes += attribute(one->rta_type, value);
  }
  if ((flags & IFA_F_PERMANENT) == 0) return {};
  flags &= IFA_F_NODAD | IFA_F_NOPREFIXROUTE | IFA_F_MANAGETEMPADDR | IFA_F_MCAUTOJOIN | IFA_F_HOMEADDRESS;
  header.ifa_flags = 0;
  return bytes_of(header) + attributes + attribute(IFA_FLAGS, bytes_of(flags));
}

}  // namespace

Result<Links> Links::open() {
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket) return fail("cannot open a netlink socket", {}, errno);
  return Links(std::move(socket));
}

Result<int> Links::index_of(const std::string& name) const {
  ifreq request = named(name);
  if (ioctl(socket_.get(), SIOCGIFINDEX, &request) < 0) return fail("no such network device", name, errno);
  return request.ifr_ifindex;
}

Result<std::vector<std::string>> Links::addresses_of(int index) const {
  std::vector<std::string> addresses;
  if (auto sent = send_request(socket_, RTM_GETADDR, NLM_F_DUMP, aligned(bytes_of(ifaddrmsg{}))); !sent)
    return std::unexpected(sent.error());
  auto read = receive(socket_, [&](const nlmsghdr& message) {
    if (message.nlmsg_type != RTM_NEWADDR) return;
    if (auto address = permanent_address(message, index); !address.empty())
      addresses.push_back(std::move(address));
  });
  if (!read) return std::unexpected(read.error());
  return addresses;
}

Result<void> Links::add_address(int index, const std::string& address) const {
  std::string body = address;
  const auto number = static_cast<std::uint32_t>(index);
  std::memcpy(body.data() + offsetof(ifaddrmsg, ifa_index), &number, sizeof number);
  return request(socket_, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, body);
}

Result<void> Links::move(int index, const UniqueFd& ns, const std::string& name) const {
  ifinfomsg header = {};
  header.ifi_index = index;
  return request(socket_, RTM_NEWLINK, 0,
                 aligned(bytes_of(header)) + attribute(IFLA_NET_NS_FD, bytes_of(ns.get())) +
                     attribute(IFLA_IFNAME, name + '\0'));
}

Result<void> Links::take_up(const std::string& name) const {
  ifreq request = named(name);
  if (ioctl(socket_.get(), SIOCGIFFLAGS, &request) < 0) return fail("no such network device", name, errno);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (ioctl(socket_.get(), SIOCSIFFLAGS, &request) < 0) return fail("cannot take up", name, errno);
  return {};
}

}  // namespace podsd::runtime
