// SPDX-License-Identifier: Apache-2.0
#include "dbus/link.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <poll.h>

#include <cerrno>

namespace podsd::dbus {

namespace asio = boost::asio;

namespace {

/// Messages taken in one go before the loop gets its turn.
constexpr int batch = 128;

bool lives_long(const std::string& path) {
  return path == "/org/freedesktop/systemd1" || path == "/org/freedesktop/DBus";
}

/// A reply of a form that cannot be read counts as an error, and its handler hears of it.
sdbus::async_reply_handler reply_handler(Link::OnReply on_reply) {
  return [on_reply = std::move(on_reply)](sdbus::MethodReply& reply, const sdbus::Error* error) {
    try {
      on_reply(reply, error);
    } catch (const sdbus::Error& unreadable) {
      guarded(on_reply)(reply, &unreadable);
    } catch (...) {  // NOLINT(bugprone-empty-catch): nothing may pass through sd-bus
    }
  };
}

}  // namespace

Link::Link(asio::io_context& io, std::shared_ptr<sdbus::IConnection> bus, std::function<void()> lost)
    : io_(io), bus_(std::move(bus)), lost_(std::move(lost)), fd_(io), timer_(io) {}

Result<void> Link::start() {
  // Asio closes what it is given, and epoll knows one registration per fd: a copy keeps both apart from
  // sd-bus.
  const int copy = ::fcntl(bus_->getEventLoopPollData().fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return fail("cannot watch the bus", {}, errno);
  fd_.assign(copy);
  open_ = true;
  kick();
  return {};
}

void Link::close() {
  open_ = false;
  lost_ = nullptr;
  boost::system::error_code ignored;
  fd_.close(ignored);
  timer_.cancel();
  temporary_.clear();
  lasting_.clear();
}

void Link::kick() {
  if (kicked_ || !open_) return;
  kicked_ = true;
  asio::post(io_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->kicked_ = false;
      self->pump();
    }
  });
}

void Link::pump() {
  if (!open_) return;
  const auto self = shared_from_this();
  try {
    for (int i = 0; i < batch; ++i) {
      if (!bus_->processPendingRequest()) return rest();
    }
    kick();
  } catch (const std::exception&) {
    end();
  }
}

void Link::rest() {
  const auto poll = bus_->getEventLoopPollData();
  if ((poll.events & POLLIN) != 0) wait_for(asio::posix::stream_descriptor::wait_read, reading_);
  if ((poll.events & POLLOUT) != 0) wait_for(asio::posix::stream_descriptor::wait_write, writing_);
  wait_until(poll.timeout_usec);
}

void Link::wait_for(asio::posix::stream_descriptor::wait_type what, bool& waiting) {
  if (waiting) return;
  waiting = true;
  fd_.async_wait(what, [weak = weak_from_this(), &waiting](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self) return;
    waiting = false;
    if (!error) self->pump();
  });
}

void Link::wait_until(std::uint64_t timeout_usec) {
  if (timeout_usec == armed_usec_) return;
  armed_usec_ = timeout_usec;
  if (timeout_usec == UINT64_MAX) {
    timer_.cancel();
    return;
  }
  // Both sd-bus and steady_clock count CLOCK_MONOTONIC from its own beginning.
  timer_.expires_at(Clock::time_point(std::chrono::microseconds(timeout_usec)));
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self || error) return;
    self->armed_usec_ = UINT64_MAX;
    self->pump();
  });
}

void Link::end() {
  const auto lost = std::exchange(lost_, nullptr);
  close();
  if (lost) lost();
}

sdbus::IProxy& Link::proxy(const Target& target, std::uint64_t& temporary) {
  auto& place =
      lives_long(target.path) ? lasting_[target.destination] : temporary_[temporary = next_temporary_++];
  if (!place) place = sdbus::createProxy(*bus_, target.destination, target.path);
  return *place;
}

void Link::drop_proxy(std::uint64_t id) {
  if (id == 0) return;
  // Not from inside its own reply: sdbus-c++ touches the proxy again afterwards.
  asio::post(io_, [weak = weak_from_this(), id] {
    if (const auto self = weak.lock()) self->temporary_.erase(id);
  });
}

void Link::call(const Target& target, const std::string& member, std::chrono::milliseconds timeout,
                const Write& write, OnReply on_reply) {
  std::uint64_t id = 0;
  try {
    if (!open_) throw sdbus::Error("org.freedesktop.DBus.Error.Disconnected", "the bus is gone");
    auto& through = proxy(target, id);
    auto message = through.createMethodCall(target.interface, member);
    if (write) write(message);
    auto finish = [this, id, on_reply](sdbus::MethodReply& reply, const sdbus::Error* error) {
      drop_proxy(id);
      on_reply(reply, error);
    };
    through.callMethod(message, reply_handler(std::move(finish)), timeout);
    kick();
  } catch (const sdbus::Error& error) {
    drop_proxy(id);
    sdbus::MethodReply none;
    guarded(on_reply)(none, &error);
  }
}

void Link::tell(const Target& target, const std::string& member, const Write& write) {
  std::uint64_t id = 0;
  try {
    if (!open_) return;
    auto message = proxy(target, id).createMethodCall(target.interface, member);
    if (write) write(message);
    message.dontExpectReply();
    message.send(0);
    kick();
  } catch (const sdbus::Error&) {  // NOLINT(bugprone-empty-catch): the reader of the bus notices a dead one
  }
  drop_proxy(id);
}

}  // namespace podsd::dbus
