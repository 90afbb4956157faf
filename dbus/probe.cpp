// SPDX-License-Identifier: Apache-2.0
#include "dbus/probe.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <cstdlib>
#include <string_view>
#include <utility>

namespace podsd::dbus {

namespace asio = boost::asio;

namespace {

/// D-Bus Specification, Authentication Protocol: after one NUL byte, AUTH without a mechanism asks for their
/// list.
constexpr std::string_view greeting("\0AUTH\r\n", 7);

}  // namespace

std::string socket_path(const std::string& address) {
  const char* variable = ::getenv("DBUS_SYSTEM_BUS_ADDRESS");
  std::string from = address;
  if (from.empty()) from = variable != nullptr ? variable : "unix:path=/run/dbus/system_bus_socket";
  constexpr std::string_view prefix = "unix:path=";
  if (!from.starts_with(prefix)) return {};
  const std::string path = from.substr(prefix.size(), from.find_first_of(",;") - prefix.size());
  return path.find('%') == std::string::npos ? path : std::string();
}

Probe::Probe(asio::io_context& io, std::chrono::milliseconds limit, std::function<void(bool)> done)
    : socket_(io), deadline_(io), limit_(limit), done_(std::move(done)) {}

void Probe::start(const std::string& address) {
  const std::string path = socket_path(address);
  if (path.empty() || path.size() > 107) {
    asio::post(socket_.get_executor(), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->end(true);
    });
    return;
  }
  deadline_.expires_after(limit_);
  deadline_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->end(false);
  });
  socket_.async_connect(asio::local::stream_protocol::endpoint(path),
                        [weak = weak_from_this()](const boost::system::error_code& error) {
                          const auto self = weak.lock();
                          if (!self) return;
                          error ? self->end(false) : self->greet();
                        });
}

void Probe::greet() {
  asio::async_write(socket_, asio::buffer(greeting),
                    [weak = weak_from_this()](const boost::system::error_code& error, std::size_t) {
                      const auto self = weak.lock();
                      if (!self) return;
                      error ? self->end(false) : self->await_answer();
                    });
}

void Probe::await_answer() {
  socket_.async_read_some(asio::buffer(answer_),
                          [weak = weak_from_this()](const boost::system::error_code& error, std::size_t) {
                            if (const auto self = weak.lock()) self->end(!error);
                          });
}

void Probe::end(bool alive) {
  const auto done = std::exchange(done_, nullptr);
  if (!done) return;
  deadline_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  done(alive);
}

}  // namespace podsd::dbus
