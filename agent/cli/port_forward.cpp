// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/port_forward.hpp"

#include <fcntl.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <list>

#include "agent/cli/json_access.hpp"
#include "agent/cli/relay.hpp"
#include "agent/network/netns.hpp"
#include "units/names.hpp"

namespace podsd::cli {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// The pod's network: a path, since the pod may be made anew; empty for the host's.
Result<std::string> network_of(const PortForwardOptions& options, dbus::ManagerProxy& agent) {
  const auto reply = agent.get_pod(options.ns, options.pod);
  if (!reply) return fail(bus_error_text(reply.error(), options.pod));
  const Json pod = Json::parse(*reply, nullptr, false);
  if (flag(field(pod, "spec"), "hostNetwork")) return std::string();
  const std::string slice = units::pod_slice(options.ns, options.pod);
  return network::netns_path(slice.substr(0, slice.rfind(".slice")));
}

/// Everything that one command forwards.
class Forwarder {
 public:
  Forwarder(std::string netns, const Terminal& terminal) : netns_(std::move(netns)), terminal_(terminal) {}

  Result<void> listen(const Forward& forward);
  void run();

 private:
  Result<std::uint16_t> listen_at(const asio::ip::address& address, std::uint16_t local,
                                  std::uint16_t remote);
  void accept(tcp::acceptor& acceptor, std::uint16_t remote);
  [[nodiscard]] Result<tcp::socket> reach(std::uint16_t remote);

  std::string netns_;
  const Terminal& terminal_;
  asio::io_context io_{1};
  std::list<tcp::acceptor> acceptors_;
};

Result<void> Forwarder::listen(const Forward& forward) {
  const auto local = listen_at(asio::ip::address_v4::loopback(), forward.local, forward.remote);
  if (!local) return std::unexpected(local.error());
  // A host without IPv6 is no reason to refuse.
  static_cast<void>(listen_at(asio::ip::address_v6::loopback(), *local, forward.remote));
  return {};
}

Result<std::uint16_t> Forwarder::listen_at(const asio::ip::address& address, std::uint16_t local,
                                           std::uint16_t remote) {
  const tcp::endpoint at(address, local);
  tcp::acceptor acceptor(io_);
  boost::system::error_code error;
  acceptor.open(at.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(at, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error)
    return fail("cannot listen on port " + std::to_string(local), address.to_string(), error.value());
  const tcp::endpoint got = acceptor.local_endpoint();
  terminal_.out << "Forwarding from " << got << " -> " << remote << std::endl;
  accept(acceptors_.emplace_back(std::move(acceptor)), remote);
  return got.port();
}

void Forwarder::accept(tcp::acceptor& acceptor, std::uint16_t remote) {
  acceptor.async_accept([this, &acceptor, remote](boost::system::error_code error, tcp::socket here) {
    if (error == asio::error::operation_aborted) return;
    if (!error) {
      auto there = reach(remote);
      if (there)
        Relay::start(std::move(here), std::move(*there));
      else
        complain(terminal_, there.error().message());
    }
    accept(acceptor, remote);
  });
}

/// A socket stays in the network in which it was made. Connecting over loopback does not wait.
Result<tcp::socket> Forwarder::reach(std::uint16_t remote) {
  std::optional<network::InNetns> inside;
  if (!netns_.empty()) {
    const UniqueFd netns(::open(netns_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!netns) return fail("the pod has no network now", netns_, errno);
    auto entered = network::InNetns::enter(netns);
    if (!entered) return std::unexpected(entered.error());
    inside.emplace(std::move(*entered));
  }
  boost::system::error_code error;
  for (const asio::ip::address& address : {asio::ip::address(asio::ip::address_v4::loopback()),
                                           asio::ip::address(asio::ip::address_v6::loopback())}) {
    tcp::socket socket(io_);
    socket.connect({address, remote}, error);
    if (!error) return socket;
  }
  return fail("cannot connect to port " + std::to_string(remote) + " in the pod", "", error.value());
}

void Forwarder::run() {
  asio::signal_set end(io_, SIGINT, SIGTERM);
  end.async_wait([this](boost::system::error_code, int) { io_.stop(); });
  io_.run();
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::optional<Forward> parse_forward(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto remote = port_of(colon == std::string::npos ? text : text.substr(colon + 1));
  if (!remote) return std::nullopt;
  if (colon == std::string::npos) return Forward{*remote, *remote};
  if (colon == 0) return Forward{0, *remote};
  const auto local = port_of(text.substr(0, colon));
  if (!local) return std::nullopt;
  return Forward{*local, *remote};
}

int port_forward(const PortForwardOptions& options, const Connect& connect, const Terminal& terminal) {
  const auto agent = connect();
  if (!agent) return complain(terminal, bus_error_text(agent.error(), options.pod));
  auto netns = network_of(options, **agent);
  if (!netns) return complain(terminal, netns.error().message());
  ::signal(SIGPIPE, SIG_IGN);
  Forwarder forwarder(std::move(*netns), terminal);
  for (const Forward& forward : options.forwards)
    if (auto listening = forwarder.listen(forward); !listening)
      return complain(terminal, listening.error().message());
  forwarder.run();
  return Exit::done;
}

}  // namespace podsd::cli
