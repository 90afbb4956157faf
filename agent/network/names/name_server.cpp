// SPDX-License-Identifier: Apache-2.0
#include "agent/network/names/name_server.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

#include "agent/network/names/responder.hpp"
#include "agent/network/names/tcp_session.hpp"

namespace podsd::network {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

constexpr unsigned short port = 53;
constexpr std::size_t longest_udp_question = 4096;
constexpr int questions_at_a_time = 32;  // then others in the loop have their turn

/// An IPv6 address that is still looked for on its link, as on a bridge which a plugin has just made, cannot
/// be bound without (RFC 4862, section 5.4; ip(7), IP_FREEBIND).
error_code bind_early(int fd, bool v6) {
  const int on = 1;
  const bool set = v6 ? ::setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on) == 0
                      : ::setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on) == 0;
  return set ? error_code() : error_code(errno, boost::system::system_category());
}

}  // namespace

struct NameServer::Shared {
  Shared(asio::io_context& loop, Responder::Pods pods, std::filesystem::path resolv_conf)
      : io(loop), responder(loop, std::move(pods), std::move(resolv_conf)) {}

  asio::io_context& io;
  Responder responder;
  TcpSessions sessions;
  std::map<spec::IpPrefix, std::shared_ptr<Listener>> listeners;
};

/// One address. Each wait holds it; the waits end when it is closed.
class NameServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  explicit Listener(Shared& shared)
      : shared_(shared), socket_(shared.io), acceptor_(shared.io), pause_(shared.io) {}

  error_code open(const asio::ip::address& address) {
    error_code error;
    socket_.open(address.is_v6() ? udp::v6() : udp::v4(), error);
    if (!error) socket_.non_blocking(true, error);
    if (!error) error = bind_early(socket_.native_handle(), address.is_v6());
    if (!error) socket_.bind({address, port}, error);
    if (!error) acceptor_.open(address.is_v6() ? tcp::v6() : tcp::v4(), error);
    // Connections of an earlier agent linger in TIME_WAIT.
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) error = bind_early(acceptor_.native_handle(), address.is_v6());
    if (!error) acceptor_.bind({address, port}, error);
    if (!error) acceptor_.listen(64, error);
    return error;
  }

  void start() {
    wait();
    accept();
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  void wait() {
    socket_.async_wait(udp::socket::wait_read, [self = shared_from_this()](error_code error) {
      if (error) return;
      for (int i = 0; i < questions_at_a_time && self->receive(); ++i) {
      }
      self->wait();
    });
  }

  /// False: there is nothing.
  bool receive() {
    dns::Bytes message(longest_udp_question + 1);
    udp::endpoint from;
    error_code error;
    message.resize(socket_.receive_from(asio::buffer(message), from, 0, error));
    if (error) return false;
    const spec::IpAddress asker = ip_of(from.address());
    // A name server's own port is one that somebody wants to have answers sent to.
    if (message.size() > longest_udp_question || from.port() == port || !shared_.responder.may_ask(asker))
      return true;
    shared_.responder.answer(std::move(message), asker, false,
                             [self = shared_from_this(), from](const dns::Bytes& answer) {
                               error_code ignored;
                               self->socket_.send_to(asio::buffer(answer), from, 0, ignored);
                             });
    return true;
  }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      // Without file descriptors left, what waits to be accepted would be tried again at once, for ever.
      if (error) return self->accept_later();
      error_code unknown;
      const tcp::endpoint from = socket.remote_endpoint(unknown);
      if (!unknown && self->shared_.responder.may_ask(ip_of(from.address())))
        self->shared_.sessions.start(std::move(socket), ip_of(from.address()), self->shared_.responder);
      self->accept();
    });
  }

  void accept_later() {
    pause_.expires_after(std::chrono::milliseconds(200));
    pause_.async_wait([self = shared_from_this()](error_code error) {
      if (!error && self->acceptor_.is_open()) self->accept();
    });
  }

  Shared& shared_;
  udp::socket socket_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
};

NameServer::NameServer(asio::io_context& io, std::function<std::vector<policies::NamedPod>()> pods,
                       std::function<void(const std::set<spec::IpPrefix>&)> served,
                       std::filesystem::path resolv_conf)
    : shared_(std::make_shared<Shared>(io, std::move(pods), std::move(resolv_conf))),
      served_(std::move(served)) {}

NameServer::~NameServer() {
  for (const auto& [address, listener] : shared_->listeners) listener->close();
}

Result<void> NameServer::serve(const std::set<spec::IpPrefix>& at) {
  std::erase_if(shared_->listeners, [&](const auto& entry) {
    if (at.contains(entry.first)) return false;
    entry.second->close();
    return true;
  });
  std::map<spec::IpPrefix, std::shared_ptr<Listener>> opened;
  Result<void> result;
  for (const spec::IpPrefix& address : at) {
    if (shared_->listeners.contains(address)) continue;
    const auto listener = std::make_shared<Listener>(*shared_);
    opened[address] = listener;
    if (const error_code error = listener->open(asio_address(address.address)); error)
      result = fail("cannot listen on port 53", spec::to_string(address.address), error.value());
  }
  if (result) shared_->listeners.insert(opened.begin(), opened.end());
  shared_->responder.set_addresses(addresses());
  if (result)
    for (const auto& [address, listener] : opened) listener->start();
  served_(addresses());
  return result;
}

std::set<spec::IpPrefix> NameServer::addresses() const {
  std::set<spec::IpPrefix> addresses;
  for (const auto& [address, listener] : shared_->listeners) addresses.insert(address);
  return addresses;
}

}  // namespace podsd::network
