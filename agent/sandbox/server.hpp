// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/sandbox/exits.hpp"
#include "agent/sandbox/poll_set.hpp"
#include "agent/sandbox/protocol.hpp"
#include "agent/sandbox/spawn.hpp"
#include "agent/sandbox/streams.hpp"
#include "agent/sandbox/watches.hpp"

namespace podsd::sandbox {

/// Serves one agent at a time: starts children for it and tells it of every exit. Sleeps between events.
class Server {
 public:
  /// Takes the listening socket and a signalfd for SIGCHLD, SIGTERM and SIGINT. Returns when told to end.
  void serve(int listen, int signals);

 private:
  static constexpr int max_fds = 4;
  struct Packet {
    size_t size;
    int fds[max_fds];
    int fd_count;
  };

  void accept_agent();
  void drop_agent();
  [[nodiscard]] bool end_requested();
  void reap();
  [[nodiscard]] int next_ended() const;
  void receive();
  [[nodiscard]] bool take(Packet& packet);
  [[nodiscard]] bool handle(const Packet& packet);
  [[nodiscard]] bool spawn(const Packet& packet, bool early, const Hold* hold);
  [[nodiscard]] bool spawn_held(const Packet& packet);
  [[nodiscard]] bool claim(const Packet& packet);
  [[nodiscard]] bool attach(const Packet& packet);
  [[nodiscard]] bool watch(const Packet& packet);
  [[nodiscard]] int start_watch(int pid, int pipe, int& pidfd);
  [[nodiscard]] int send(Type type, const void* payload, size_t size, int fd);
  void send_exits();

  int listen_;
  int signals_;
  int agent_;
  bool congested_;  ///< the connection's buffer is full: wait until it can be written
  uint64_t sent_;   ///< last serial sent over this connection
  Exits exits_;
  Watches watches_;
  Streams streams_;
  PollSet polls_;
  alignas(8) char buffer_[sizeof(Header) + max_packet_bytes];
};

}  // namespace podsd::sandbox
