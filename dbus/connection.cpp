// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>

#include "dbus/errors.hpp"
#include "dbus/link.hpp"
#include "dbus/probe.hpp"
#include "dbus/published.hpp"
#include "dbus/systemd_client.hpp"
#include "dbus/systemd_port.hpp"

#ifndef PODSD_VERSION
#define PODSD_VERSION "0"
#endif

namespace podsd::dbus {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds probe_limit{10};

class BusConnection final : public Connection {
 public:
  BusConnection(asio::io_context& io, ClientOptions options, units::SystemdEvents events)
      : io_(io),
        options_(std::move(options)),
        port_(io, options_, std::move(events)),
        published_(io, PODSD_VERSION),
        retry_(io),
        delay_(options_.first_reconnect) {}

  ~BusConnection() override { drop(); }

  units::Systemd& systemd() override { return port_; }
  Service& service() override { return published_; }
  void set_resolver_link(const ResolverLink& wanted, std::function<void(Result<void>)> done) override {
    if (link_) dbus::set_resolver_link(io_, link_, wanted, std::move(done));
  }

  Result<void> open();

 private:
  void lost();
  void retry_later();
  void look_for_bus();
  void drop();

  asio::io_context& io_;
  ClientOptions options_;
  SystemdPort port_;
  Published published_;
  std::shared_ptr<Link> link_;
  asio::steady_timer retry_;
  std::shared_ptr<Probe> probe_;
  std::chrono::milliseconds delay_;
};

std::unique_ptr<sdbus::IConnection> open_bus(const std::string& address) {
  return address.empty() ? sdbus::createSystemBusConnection()
                         : sdbus::createSessionBusConnectionWithAddress(address);
}

// The only synchronous calls of the agent, to a bus daemon that answers: the handshake, the matches and the
// name. The objects come before the name, so that a call which waits for the name finds them.
Result<void> BusConnection::open() {
  try {
    std::shared_ptr<sdbus::IConnection> bus = open_bus(options_.address);
    link_ = std::make_shared<Link>(io_, bus, [this] { lost(); });
    if (auto started = link_->start(); !started) {
      drop();
      return started;
    }
    port_.attach(link_);
    published_.attach(link_);
    if (!options_.bus_name.empty()) bus->requestName(options_.bus_name);
    link_->kick();
    delay_ = options_.first_reconnect;
    return {};
  } catch (const sdbus::Error& error) {
    drop();
    return std::unexpected(to_error(error, "cannot connect to the bus", options_.bus_name));
  } catch (const std::exception& error) {
    drop();
    return fail("cannot connect to the bus", error.what());
  }
}

// Objects and matches go first, then the connection itself, then what waited for its answers.
void BusConnection::drop() {
  published_.detach();
  if (link_) link_->close();
  link_.reset();
  port_.detach();
}

void BusConnection::lost() {
  drop();
  retry_later();
}

void BusConnection::retry_later() {
  retry_.expires_after(delay_);
  delay_ = std::min(delay_ * 2, options_.longest_reconnect);
  retry_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look_for_bus();
  });
}

void BusConnection::look_for_bus() {
  probe_ = std::make_shared<Probe>(io_, probe_limit, [this](bool alive) {
    if (!alive || !open()) retry_later();
  });
  probe_->start(options_.address);
}

}  // namespace

Result<std::unique_ptr<Connection>> connect(asio::io_context& io, ClientOptions options,
                                            units::SystemdEvents events) {
  auto connection = std::make_unique<BusConnection>(io, std::move(options), std::move(events));
  if (auto opened = connection->open(); !opened) return std::unexpected(std::move(opened.error()));
  return connection;
}

}  // namespace podsd::dbus
