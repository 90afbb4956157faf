// SPDX-License-Identifier: Apache-2.0
#include "agent/network/names/exchange.hpp"

#include <sys/random.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace podsd::network {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::milliseconds patience{4000};  // with all servers together
constexpr unsigned short port = 53;

/// One question with one server after the other. Each wait holds it.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& io, UpstreamQuestion question, std::vector<asio::ip::address> servers,
           Exchanged done)
      : question_(std::move(question)),
        asked_(question_.message),
        servers_(std::move(servers)),
        done_(std::move(done)),
        timer_(io) {}
  virtual ~Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void next() {
    if (!done_) return;
    drop();
    ++turn_;
    if (at_ == servers_.size()) return finish({});
    // Cannot fail for two bytes once the pool is initialized (getrandom(2)).
    static_cast<void>(::getrandom(asked_.data(), 2, 0));
    timer_.expires_after(patience / static_cast<int>(servers_.size()));
    timer_.async_wait([self = shared_from_this(), turn = turn_](error_code error) {
      if (!error && turn == self->turn_) self->next();
    });
    ask(servers_[at_++]);
  }

 protected:
  virtual void ask(const asio::ip::address& server) = 0;
  /// Closes what ask() opened.
  virtual void drop() = 0;

  [[nodiscard]] const dns::Bytes& asked() const { return asked_; }
  /// Which try this is: what comes of a socket of an earlier one is of no interest.
  [[nodiscard]] unsigned turn() const { return turn_; }

  /// False: that is not the answer.
  bool take(dns::Bytes answer) {
    if (!dns::is_answer(answer, asked_, question_.query)) return false;
    std::copy_n(question_.message.begin(), 2, answer.begin());
    finish(std::move(answer));
    return true;
  }

 private:
  void finish(dns::Bytes answer) {
    drop();
    ++turn_;
    timer_.cancel();
    const asio::ip::address by = answer.empty() ? asio::ip::address() : servers_[at_ - 1];
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(answer), by);
  }

  UpstreamQuestion question_;
  dns::Bytes asked_;
  std::vector<asio::ip::address> servers_;
  Exchanged done_;
  asio::steady_timer timer_;
  std::size_t at_ = 0;
  unsigned turn_ = 0;
};

class UdpExchange : public Exchange {
 public:
  UdpExchange(asio::io_context& io, UpstreamQuestion question, std::vector<asio::ip::address> servers,
              Exchanged done)
      : Exchange(io, std::move(question), std::move(servers), std::move(done)), socket_(io) {}

 private:
  void ask(const asio::ip::address& server) override {
    const asio::ip::udp::endpoint to(server, port);
    error_code error;
    socket_.open(to.protocol(), error);
    // A connected socket takes nothing from anybody else, and hears of a port that is closed.
    if (!error) socket_.connect(to, error);
    if (!error) socket_.non_blocking(true, error);
    if (!error) socket_.send(asio::buffer(asked()), 0, error);
    if (error) return asio::post(socket_.get_executor(), [self = shared_from_this()] { self->next(); });
    wait();
  }

  void wait() {
    socket_.async_wait(
        asio::ip::udp::socket::wait_read,
        [self = std::static_pointer_cast<UdpExchange>(shared_from_this()), turn = turn()](error_code error) {
          if (!error && turn == self->turn()) self->receive();
        });
  }

  void receive() {
    error_code error;
    dns::Bytes answer(std::max<std::size_t>(1, socket_.available(error)));
    if (!error) answer.resize(socket_.receive(asio::buffer(answer), 0, error));
    if (error && error != asio::error::would_block) return next();
    if (error || !take(std::move(answer))) wait();
  }

  void drop() override {
    error_code ignored;
    socket_.close(ignored);
  }

  asio::ip::udp::socket socket_;
};

class TcpExchange : public Exchange {
 public:
  TcpExchange(asio::io_context& io, UpstreamQuestion question, std::vector<asio::ip::address> servers,
              Exchanged done)
      : Exchange(io, std::move(question), std::move(servers), std::move(done)), socket_(io) {}

 private:
  using Self = std::shared_ptr<TcpExchange>;
  Self self() { return std::static_pointer_cast<TcpExchange>(shared_from_this()); }

  void ask(const asio::ip::address& server) override {
    socket_.async_connect({server, port}, [self = self(), turn = turn()](error_code error) {
      if (turn != self->turn()) return;
      error ? self->next() : self->send();
    });
  }

  void send() {
    const std::size_t size = asked().size();
    length_ = {static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
    const std::array<asio::const_buffer, 2> parts{asio::buffer(length_), asio::buffer(asked())};
    asio::async_write(socket_, parts, [self = self(), turn = turn()](error_code error, std::size_t) {
      if (turn != self->turn()) return;
      error ? self->next() : self->receive();
    });
  }

  void receive() {
    asio::async_read(
        socket_, asio::buffer(length_), [self = self(), turn = turn()](error_code error, std::size_t) {
          if (turn != self->turn()) return;
          if (error) return self->next();
          self->answer_.resize(static_cast<std::size_t>(self->length_[0] << 8 | self->length_[1]));
          self->receive_body();
        });
  }

  void receive_body() {
    asio::async_read(socket_, asio::buffer(answer_),
                     [self = self(), turn = turn()](error_code error, std::size_t) {
                       if (turn != self->turn()) return;
                       if (error || !self->take(std::move(self->answer_))) self->next();
                     });
  }

  void drop() override {
    error_code ignored;
    socket_.close(ignored);
  }

  asio::ip::tcp::socket socket_;
  std::array<std::uint8_t, 2> length_{};
  dns::Bytes answer_;
};

}  // namespace

void start_exchange(asio::io_context& io, UpstreamQuestion question, std::vector<asio::ip::address> servers,
                    Exchanged done) {
  std::shared_ptr<Exchange> exchange;
  const bool tcp = question.tcp;
  if (tcp)
    exchange = std::make_shared<TcpExchange>(io, std::move(question), std::move(servers), std::move(done));
  else
    exchange = std::make_shared<UdpExchange>(io, std::move(question), std::move(servers), std::move(done));
  asio::post(io, [exchange] { exchange->next(); });
}

}  // namespace podsd::network
