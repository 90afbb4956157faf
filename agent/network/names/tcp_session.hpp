// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <map>
#include <memory>

#include "agent/network/names/responder.hpp"

namespace podsd::network {

/// Connections to the stub: one question after the other in each (RFC 7766). One that says nothing for ten
/// seconds is closed; so is each above 16 of an asker or 64 in all, at once.
class TcpSessions {
 public:
  /// `responder` must outlive the loop's work.
  void start(boost::asio::ip::tcp::socket socket, const spec::IpAddress& asker, Responder& responder);

 private:
  std::shared_ptr<std::map<spec::IpAddress, std::size_t>> open_ =
      std::make_shared<std::map<spec::IpAddress, std::size_t>>();
};

}  // namespace podsd::network
