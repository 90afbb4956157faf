// SPDX-License-Identifier: Apache-2.0
// One bus connection, from its making until it is lost, driven by the Asio loop without a thread or a wake-up
// of its own. sdbus::Error and every other exception ends here.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "spec/result.hpp"

namespace podsd::dbus {

/// `f` as a callback for sdbus-c++, which lets nothing but sdbus::Error pass: a signal or a call that cannot
/// be read is dropped.
template <typename F>
[[nodiscard]] auto guarded(F f) {
  return [f = std::move(f)](auto&&... arguments) {
    try {
      f(std::forward<decltype(arguments)>(arguments)...);
    } catch (...) {  // NOLINT(bugprone-empty-catch): a message of a wrong form is worth nothing
    }
  };
}

class Link : public std::enable_shared_from_this<Link> {
 public:
  using Write = std::function<void(sdbus::MethodCall&)>;
  /// The answer, or the error. Called from within sd-bus: read the message, post the rest.
  using OnReply = std::function<void(sdbus::MethodReply&, const sdbus::Error*)>;

  struct Target {
    std::string destination;
    std::string path;
    std::string interface;
  };

  /// `lost` is called once, from the loop, when the bus goes away by itself.
  Link(boost::asio::io_context& io, std::shared_ptr<sdbus::IConnection> bus, std::function<void()> lost);
  ~Link() { close(); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Starts reading. Errors: no fd left.
  [[nodiscard]] Result<void> start();

  /// Ends the connection; no reply is delivered any more.
  void close();

  [[nodiscard]] bool is_open() const { return open_; }

  [[nodiscard]] sdbus::IConnection& bus() { return *bus_; }
  /// Messages and objects must not outlive the connection: whoever keeps one keeps this too.
  [[nodiscard]] const std::shared_ptr<sdbus::IConnection>& keep() const { return bus_; }

  /// Sends a call. `on_reply` comes once unless the link ends first; where sending fails, from inside this
  /// call.
  void call(const Target& target, const std::string& member, std::chrono::milliseconds timeout,
            const Write& write, OnReply on_reply);

  /// Sends a call that wants no answer.
  void tell(const Target& target, const std::string& member, const Write& write);

  /// To be called after everything sent past call() and tell(): sd-bus may have queued output, or have read
  /// signals while it waited for something else.
  void kick();

 private:
  using Clock = std::chrono::steady_clock;

  void pump();
  void rest();
  void wait_for(boost::asio::posix::stream_descriptor::wait_type what, bool& waiting);
  void wait_until(std::uint64_t timeout_usec);
  void end();
  sdbus::IProxy& proxy(const Target& target, std::uint64_t& temporary);
  void drop_proxy(std::uint64_t id);

  boost::asio::io_context& io_;
  std::shared_ptr<sdbus::IConnection> bus_;
  std::function<void()> lost_;
  boost::asio::posix::stream_descriptor fd_;
  boost::asio::steady_timer timer_;
  bool reading_ = false;
  bool writing_ = false;
  bool kicked_ = false;
  bool open_ = false;
  std::uint64_t armed_usec_ = UINT64_MAX;
  std::map<std::string, std::unique_ptr<sdbus::IProxy>> lasting_;      ///< by destination
  std::map<std::uint64_t, std::unique_ptr<sdbus::IProxy>> temporary_;  ///< one per call to a unit
  std::uint64_t next_temporary_ = 1;
};

}  // namespace podsd::dbus
