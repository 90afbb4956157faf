// SPDX-License-Identifier: Apache-2.0
// A dbus-daemon of the test's own, and an Asio loop that runs until something has happened.
#pragma once

#include <boost/asio/io_context.hpp>

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

namespace podsd::test {

class PrivateBus {
 public:
  PrivateBus();
  ~PrivateBus();
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;

  [[nodiscard]] std::string address() const;
  /// Starts the daemon, open to every user, and waits until it listens.
  void start();
  /// Ends the daemon and with it all connections.
  void stop();

 private:
  std::filesystem::path dir_;
  pid_t pid_ = -1;
};

/// Listens in the place of a bus that was stopped, and never answers.
class MuteListener {
 public:
  explicit MuteListener(const PrivateBus& bus);
  ~MuteListener();
  MuteListener(const MuteListener&) = delete;
  MuteListener& operator=(const MuteListener&) = delete;
  /// Somebody has connected.
  [[nodiscard]] bool has_client() const;

 private:
  int fd_;
};

/// Runs `io` until `done` says so; false where that took longer than `limit`.
bool run_until(boost::asio::io_context& io, const std::function<bool()>& done,
               std::chrono::milliseconds limit = std::chrono::seconds(10));

}  // namespace podsd::test
