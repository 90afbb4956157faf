// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <vector>

#include "agent/network/names/upstream.hpp"
#include "policies/pod_names.hpp"

namespace podsd::network {

/// What is answered to whom, however the question came.
class Responder {
 public:
  using Pods = std::function<std::vector<policies::NamedPod>()>;
  using Reply = std::function<void(dns::Bytes)>;

  Responder(boost::asio::io_context& io, Pods pods, std::filesystem::path resolv_conf)
      : pods_(std::move(pods)), upstreams_(io, std::move(resolv_conf)) {}

  /// `at`: where is listened, each address with the length of its pods' range.
  void set_addresses(const std::set<spec::IpPrefix>& at);

  /// Only the pods and this host may ask.
  [[nodiscard]] bool may_ask(const spec::IpAddress& asker) const;

  /// Calls `reply` once or, for what deserves no answer, drops it. It may be called before this returns.
  void answer(dns::Bytes message, const spec::IpAddress& asker, bool tcp, Reply reply);

 private:
  Pods pods_;
  Upstreams upstreams_;
  std::vector<spec::IpPrefix> ranges_;
};

/// An address of the network library's as podsd's own, and back.
[[nodiscard]] spec::IpAddress ip_of(const boost::asio::ip::address& address);
[[nodiscard]] boost::asio::ip::address asio_address(const spec::IpAddress& address);

}  // namespace podsd::network
