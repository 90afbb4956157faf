// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/network/names/upstream.hpp"

namespace podsd::network {

/// Asks the servers one after the other until one of them answers, from the loop. `done` is called once,
/// never before this returns; an empty answer is none.
void start_exchange(boost::asio::io_context& io, UpstreamQuestion question,
                    std::vector<boost::asio::ip::address> servers, Upstreams::Answered done);

}  // namespace podsd::network
