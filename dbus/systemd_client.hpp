// SPDX-License-Identifier: Apache-2.0
// dbus/ owns every D-Bus call of podsd: the systemd client behind units::Systemd, and the org.podsd1
// interface that the agent publishes and podsctl calls. sdbus-c++ is seen in its source files only; no policy
// lives here.
#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <string>

#include "dbus/resolver.hpp"
#include "units/systemd.hpp"

namespace podsd::dbus {

struct ClientOptions {
  std::string address;   ///< empty: the system bus; else a D-Bus address (tests)
  std::string bus_name;  ///< well-known name to own, "org.podsd1"; empty: none

  std::chrono::milliseconds call_deadline{10'000};  ///< of a call that makes no job
  std::chrono::milliseconds job_deadline{25'000};   ///< of a call and its job
  std::chrono::milliseconds first_reconnect{100};   ///< delay after a lost bus; doubles with each failure
  std::chrono::milliseconds longest_reconnect{5'000};
};

class Service;

/// One bus connection on the loop, single-threaded: systemd client and published interface share it. It
/// reconnects by itself when the bus goes away, and tells so through SystemdEvents: `connected` whenever
/// systemd is there to be called, at first, after a bus restart and after a daemon-reexec; `disconnected`
/// once for each lost bus. Destroying it drops the calls under way: their `done` is not called any more, nor
/// is any event.
class Connection {
 public:
  virtual ~Connection() = default;
  [[nodiscard]] virtual units::Systemd& systemd() = 0;
  [[nodiscard]] virtual Service& service() = 0;
  /// See set_resolver_link() in resolver.hpp.
  virtual void set_resolver_link(const ResolverLink& wanted, std::function<void(Result<void>)> done) = 0;
};

/// Connects. Errors: no bus; the name is owned by another process. `events` is copied; events.connected is
/// called from the loop once the first connection is ready too.
[[nodiscard]] Result<std::unique_ptr<Connection>> connect(boost::asio::io_context& io, ClientOptions options,
                                                          units::SystemdEvents events);

}  // namespace podsd::dbus
