// SPDX-License-Identifier: Apache-2.0
#include "agent/network/names/tcp_session.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace podsd::network {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t most_of_one = 16;
constexpr std::size_t most_of_all = 64;
constexpr std::chrono::seconds patience{10};

using Counts = std::map<spec::IpAddress, std::size_t>;

/// Held by whatever it waits for; closed with the last of it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const spec::IpAddress& asker, Responder& responder,
          std::shared_ptr<Counts> open)
      : socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        asker_(asker),
        responder_(responder),
        open_(std::move(open)) {
    ++(*open_)[asker_];
  }
  ~Session() {
    if (--(*open_)[asker_] == 0) open_->erase(asker_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void next() {
    timer_.expires_after(patience);
    timer_.async_wait([weak = weak_from_this()](error_code error) {
      if (const auto self = weak.lock(); self && !error) self->close();
    });
    asio::async_read(socket_, asio::buffer(length_),
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (!error) self->receive();
                     });
  }

 private:
  void receive() {
    message_.resize(static_cast<std::size_t>(length_[0] << 8 | length_[1]));
    asio::async_read(socket_, asio::buffer(message_),
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (error) return;
                       self->responder_.answer(std::move(self->message_), self->asker_, true,
                                               [self](dns::Bytes answer) { self->send(std::move(answer)); });
                     });
  }

  void send(dns::Bytes answer) {
    message_ = std::move(answer);
    length_ = {static_cast<std::uint8_t>(message_.size() >> 8), static_cast<std::uint8_t>(message_.size())};
    const std::array<asio::const_buffer, 2> parts{asio::buffer(length_), asio::buffer(message_)};
    asio::async_write(socket_, parts, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->next();
    });
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  spec::IpAddress asker_;
  Responder& responder_;
  std::shared_ptr<Counts> open_;
  std::array<std::uint8_t, 2> length_{};
  dns::Bytes message_;
};

}  // namespace

void TcpSessions::start(tcp::socket socket, const spec::IpAddress& asker, Responder& responder) {
  std::size_t all = 0;
  for (const auto& [address, count] : *open_) all += count;
  const auto own = open_->find(asker);
  if (all >= most_of_all || (own != open_->end() && own->second >= most_of_one)) return;
  std::make_shared<Session>(std::move(socket), asker, responder, open_)->next();
}

}  // namespace podsd::network
