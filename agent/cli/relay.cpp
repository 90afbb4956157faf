// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/relay.hpp"

#include <boost/asio/write.hpp>

namespace podsd::cli {

namespace asio = boost::asio;
using asio::ip::tcp;

void Relay::start(tcp::socket one, tcp::socket other) {
  const std::shared_ptr<Relay> relay(new Relay(std::move(one), std::move(other)));
  relay->copy(relay->there_);
  relay->copy(relay->back_);
}

void Relay::copy(Way& way) {
  way.from.async_read_some(asio::buffer(way.buffer), [self = shared_from_this(), &way](
                                                         boost::system::error_code error, std::size_t size) {
    boost::system::error_code ignored;
    if (error == asio::error::eof)
      return static_cast<void>(way.to.shutdown(tcp::socket::shutdown_send, ignored));
    if (error) return self->abandon();
    asio::async_write(way.to, asio::buffer(way.buffer, size),
                      [self, &way](boost::system::error_code failed, std::size_t) {
                        if (failed) return self->abandon();
                        self->copy(way);
                      });
  });
}

/// One side broke off: the other one is to see it, and not an orderly end.
void Relay::abandon() {
  boost::system::error_code ignored;
  for (tcp::socket* socket : {&one_, &other_}) {
    socket->set_option(tcp::socket::linger(true, 0), ignored);  // a reset (socket(7))
    socket->close(ignored);
  }
}

}  // namespace podsd::cli
