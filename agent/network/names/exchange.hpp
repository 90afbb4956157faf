// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/network/names/upstream.hpp"

namespace podsd::network {

/// The answer, and whose it is. An empty answer is none, and nobody's.
using Exchanged = std::function<void(dns::Bytes, const boost::asio::ip::address&)>;

/// Asks the servers one after the other until one of them answers, from the loop. `done` is called once,
/// never before this returns.
void start_exchange(boost::asio::io_context& io, UpstreamQuestion question,
                    std::vector<boost::asio::ip::address> servers, Exchanged done);

}  // namespace podsd::network
