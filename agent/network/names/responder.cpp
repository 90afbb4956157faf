// SPDX-License-Identifier: Apache-2.0
#include "agent/network/names/responder.hpp"

#include <algorithm>

namespace podsd::network {

spec::IpAddress ip_of(const boost::asio::ip::address& address) {
  spec::IpAddress ip;
  ip.v6 = address.is_v6();
  if (ip.v6)
    std::ranges::copy(address.to_v6().to_bytes(), ip.bytes.begin());
  else
    std::ranges::copy(address.to_v4().to_bytes(), ip.bytes.begin());
  return ip;
}

boost::asio::ip::address asio_address(const spec::IpAddress& address) {
  if (address.v6) return boost::asio::ip::address_v6(address.bytes);
  boost::asio::ip::address_v4::bytes_type bytes{};
  std::copy_n(address.bytes.begin(), bytes.size(), bytes.begin());
  return boost::asio::ip::address_v4(bytes);
}

void Responder::set_addresses(const std::set<spec::IpPrefix>& at) {
  std::set<boost::asio::ip::address> own;
  ranges_.clear();
  for (const spec::IpPrefix& address : at) {
    own.insert(asio_address(address.address));
    ranges_.push_back(spec::range_of(address));
  }
  upstreams_.leave_out(std::move(own));
}

bool Responder::may_ask(const spec::IpAddress& asker) const {
  return std::ranges::any_of(ranges_, [&](const spec::IpPrefix& range) {
    return spec::overlap(range, {asker, asker.bits()});
  });
}

void Responder::answer(dns::Bytes message, const spec::IpAddress& asker, bool tcp, Reply reply) {
  const auto query = dns::parse_query(message);
  if (!query) return;
  const std::size_t limit = tcp ? 0xFFFF : query->udp_bytes;
  const auto refuse = [&](dns::Rcode code) {
    reply(dns::reply(*query, message, {code, {}, "", false}, limit));
  };
  if (query->opcode != 0) return refuse(dns::not_implemented);
  if (query->type == dns::axfr || query->type == dns::ixfr) return refuse(dns::refused);
  if (const auto known = policies::node_answer(*query, asker, pods_(), ranges_))
    return reply(dns::reply(*query, message, *known, limit));
  const auto shared = std::make_shared<const dns::Bytes>(message);
  const bool asked = upstreams_.ask(
      {std::move(message), *query, asker, tcp}, [query, shared, limit, reply](dns::Bytes answer) {
        if (answer.empty())
          reply(dns::reply(*query, *shared, {dns::server_failure, {}, "", false}, limit));
        else
          reply(answer.size() > limit ? dns::truncated(*query, answer) : std::move(answer));
      });
  if (!asked && tcp) reply(dns::reply(*query, *shared, {dns::server_failure, {}, "", false}, limit));
}

}  // namespace podsd::network
