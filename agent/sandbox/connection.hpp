// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/sandbox/client.hpp"
#include "agent/sandbox/wire.hpp"

namespace podsd::sandbox {

/// The conversation with one sandbox. Lives behind the Client that its owner holds: handlers on the loop hold
/// it weakly, and an owner may drop the client at any time, inside a callback too.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::io_context& io, UniqueFd socket, Client& owner)
      : stream_(io, socket.release()), owner_(&owner) {}

  void start() { wait_readable(); }
  void spawn(SpawnRequest request, std::function<void(Result<Started>)> done);
  void watch(int pid, UniqueFd status, std::function<void(Result<UniqueFd>)> done);
  void claim(const std::string& container, int pid);
  void attach(SessionRequest request, std::function<void(Result<std::uint32_t>)> done);
  void acknowledge(std::uint64_t serial) { enqueue({encode_ack(serial), {}}); }
  void detach();  ///< the owner is going: nobody is called any more

 private:
  struct Outgoing {
    std::string bytes;
    std::vector<UniqueFd> fds;
  };

  struct Pending {
    UniqueFd gate;
    std::function<void(Result<Started>)> done;
  };

  template <typename Action>
  auto guarded(Action action) {
    return [weak = weak_from_this(), action](auto... status) {
      if (auto self = weak.lock(); self && (!status && ...)) action(*self);
    };
  }
  void wait_readable() {
    stream_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       guarded([](Connection& self) { self.readable(); }));
  }
  void readable();
  [[nodiscard]] Result<void> handle(Packet packet);
  [[nodiscard]] Result<void> spawned(Packet& packet);
  [[nodiscard]] Result<void> watched(Packet& packet);
  [[nodiscard]] Result<void> attached(const Packet& packet);
  /// Whether the sandbox knows the packets of that version; else, and where it is gone, `done` is told so.
  template <typename T>
  [[nodiscard]] bool speaks(std::uint32_t version, const std::function<void(Result<T>)>& done);
  template <typename T>
  void fail_later(std::function<void(Result<T>)> done, Error error);
  void enqueue(Outgoing outgoing);
  void flush();
  void close(const Error& error);

  boost::asio::posix::stream_descriptor stream_;
  Client* owner_;
  std::deque<Outgoing> queue_;
  bool flushing_ = false;
  std::map<std::uint64_t, Pending> pending_;
  std::map<std::uint64_t, std::function<void(Result<UniqueFd>)>> watching_;
  std::map<std::uint64_t, std::function<void(Result<std::uint32_t>)>> attaching_;
  std::uint32_t version_ = 0;  ///< the sandbox's; 0 until it has greeted
  /// For the greeting; called with an error if it does not come.
  std::vector<std::move_only_function<void(const Error*)>> waiting_;
  std::uint64_t last_token_ = 0;
};

}  // namespace podsd::sandbox
