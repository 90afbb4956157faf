// SPDX-License-Identifier: Apache-2.0
#include "agent/network/flows.hpp"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "agent/network/netlink.hpp"
#include "agent/network/own_addresses.hpp"

namespace podsd::network {
namespace {

/// The first direction of a conversation.
struct Flow {
  std::vector<std::uint8_t> tuple;  ///< CTA_TUPLE_ORIG, as the kernel gave it
  spec::IpAddress to;
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;  ///< of `to`
};

Message conntrack(const char* what, std::uint16_t message, std::uint16_t flags, std::uint8_t family) {
  Message out(what, static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | message), flags);
  nfgenmsg& header = out.header<nfgenmsg>();
  header.nfgen_family = family;
  header.version = NFNETLINK_V0;
  return out;
}

template <typename Each>
void each_inside(const nlattr& nest, Each each) {
  each_attribute(mnl_attr_get_payload(&nest), mnl_attr_get_payload_len(&nest), each);
}

void read_address(Flow& flow, const nlattr& a) {
  const std::uint16_t type = mnl_attr_get_type(&a);
  if (type != CTA_IP_V4_DST && type != CTA_IP_V6_DST) return;
  flow.to.v6 = type == CTA_IP_V6_DST;
  std::memcpy(flow.to.bytes.data(), mnl_attr_get_payload(&a),
              std::min<std::size_t>(mnl_attr_get_payload_len(&a), flow.to.v6 ? 16 : 4));
}

void read_protocol(Flow& flow, const nlattr& a) {
  if (mnl_attr_get_type(&a) == CTA_PROTO_NUM) flow.protocol = mnl_attr_get_u8(&a);
  if (mnl_attr_get_type(&a) == CTA_PROTO_DST_PORT) flow.port = ntohs(mnl_attr_get_u16(&a));
}

Flow read_flow(const nlmsghdr& message) {
  Flow flow;
  each_attribute(message, sizeof(nfgenmsg), [&](const nlattr& a) {
    if (mnl_attr_get_type(&a) != CTA_TUPLE_ORIG) return;
    const auto* bytes = static_cast<const std::uint8_t*>(mnl_attr_get_payload(&a));
    flow.tuple.assign(bytes, bytes + mnl_attr_get_payload_len(&a));
    each_inside(a, [&](const nlattr& part) {
      if (mnl_attr_get_type(&part) == CTA_TUPLE_IP)
        each_inside(part, [&](const nlattr& one) { read_address(flow, one); });
      if (mnl_attr_get_type(&part) == CTA_TUPLE_PROTO)
        each_inside(part, [&](const nlattr& one) { read_protocol(flow, one); });
    });
  });
  return flow;
}

std::vector<Flow> with_this_host(std::vector<Flow> flows) {
  std::vector<spec::IpAddress> own;
  for (const Flow& flow : flows) own.push_back(flow.to);
  keep_own_addresses(own);
  std::erase_if(flows, [&](const Flow& flow) { return std::ranges::find(own, flow.to) == own.end(); });
  return flows;
}

}  // namespace

Result<void> forget_udp_flows(const std::set<std::uint16_t>& ports) {
  auto kernel = Netlink::open(NETLINK_NETFILTER);
  if (!kernel) return std::unexpected(kernel.error());
  std::vector<Flow> flows;
  const auto listed = kernel->get(
      conntrack("cannot list connections", IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC), [&](const nlmsghdr& m) {
        Flow flow = read_flow(m);
        if (flow.protocol == IPPROTO_UDP && ports.contains(flow.port)) flows.push_back(std::move(flow));
      });
  if (!listed) return listed;
  Result<void> result;
  for (const Flow& flow : with_this_host(std::move(flows))) {
    Message message =
        conntrack("cannot forget a connection", IPCTNL_MSG_CT_DELETE, 0, flow.to.v6 ? AF_INET6 : AF_INET);
    message.put_bytes(CTA_TUPLE_ORIG | NLA_F_NESTED, flow.tuple);
    // ENOENT: it has ended meanwhile.
    if (auto gone = kernel->run(std::move(message)); !gone && gone.error().code != ENOENT) result = gone;
  }
  return result;
}

}  // namespace podsd::network
