// SPDX-License-Identifier: Apache-2.0
#include "agent/network/bandwidth.hpp"

#include <fcntl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <limits>

#include "agent/network/link_messages.hpp"
#include "agent/network/netns.hpp"
#include "agent/network/network.hpp"
#include "policies/token_bucket.hpp"

namespace podsd::network {
namespace {

using Rate = std::optional<std::int64_t>;

void address_root(Message& m, std::uint32_t index) {
  auto& header = m.header<tcmsg>();
  header.tcm_ifindex = static_cast<int>(index);
  header.tcm_parent = TC_H_ROOT;
  header.tcm_handle = TC_H_MAKE(1U << 16, 0);  // "1:", so that a second one changes the first
}

Message limit(std::uint32_t index, const policies::TokenBucket& bucket) {
  Message m("cannot limit the bandwidth", RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
  address_root(m, index);
  m.put_text(TCA_KIND, "tbf");
  m.nest(TCA_OPTIONS, [&] {
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    tc_tbf_qopt options{};
    options.rate.rate = static_cast<std::uint32_t>(std::min(bucket.rate, most));
    options.rate.linklayer = TC_LINKLAYER_ETHERNET;
    options.limit = bucket.limit;
    m.put_bytes(TCA_TBF_PARMS, std::bit_cast<std::array<std::uint8_t, sizeof options>>(options));
    m.put(TCA_TBF_BURST, bucket.burst);
    if (bucket.rate > most)
      m.put_bytes(TCA_TBF_RATE64, std::bit_cast<std::array<std::uint8_t, sizeof bucket.rate>>(bucket.rate));
  });
  return m;
}

Message no_limit(std::uint32_t index) {
  Message m("cannot take a limit of bandwidth away", RTM_DELQDISC, 0);
  address_root(m, index);
  return m;
}

Result<void> apply(Netlink& netlink, const std::string& name, const Rate& rate, std::uint32_t mtu) {
  const auto index = link_index(netlink, name);
  if (!index) return std::unexpected(index.error());
  if (rate) return netlink.run(limit(*index, policies::token_bucket(*rate, mtu)));
  const Result<void> gone = netlink.run(no_limit(*index));
  return gone || gone.error().code == ENOENT ? Result<void>() : gone;
}

Result<Netlink> open_inside(const std::string& pod) {
  const std::string path = netns_path(pod);
  const UniqueFd netns(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!netns) return fail("cannot open", path, errno);
  const auto inside = InNetns::enter(netns);
  if (!inside) return std::unexpected(inside.error());
  return Netlink::open();
}

}  // namespace

Result<void> limit_bandwidth(Netlink& host, const PodLink& link, const spec::Bandwidth& before,
                             const spec::Bandwidth& wanted) {
  if (before.ingress || wanted.ingress)
    if (auto done = apply(host, link.host_end, wanted.ingress, link.mtu); !done) return done;
  if (!before.egress && !wanted.egress) return {};
  auto inside = open_inside(link.pod);
  if (!inside) return std::unexpected(inside.error());
  return apply(*inside, pod_interface, wanted.egress, link.mtu);
}

}  // namespace podsd::network
