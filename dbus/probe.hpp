// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace podsd::dbus {

/// Finds out, without blocking, whether a bus daemon answers at an address. sd-bus waits for the daemon's
/// half of the handshake, and a socket of systemd's accepts connections before there is a daemon behind it.
class Probe : public std::enable_shared_from_this<Probe> {
 public:
  /// `done` is called once from the loop, unless the probe is dropped before. No answer within `limit` is a
  /// no.
  Probe(boost::asio::io_context& io, std::chrono::milliseconds limit, std::function<void(bool alive)> done);

  /// `address` as in ClientOptions. One that is no "unix:path=" cannot be probed and counts as alive.
  void start(const std::string& address);

 private:
  void greet();
  void await_answer();
  void end(bool alive);

  boost::asio::local::stream_protocol::socket socket_;
  boost::asio::steady_timer deadline_;
  std::chrono::milliseconds limit_;
  std::function<void(bool)> done_;
  std::array<char, 64> answer_{};
};

/// The socket that a D-Bus address begins with; empty where it is none in the file system. An empty address
/// is the system bus, as sd_bus_open_system(3) finds it.
[[nodiscard]] std::string socket_path(const std::string& address);

}  // namespace podsd::dbus
