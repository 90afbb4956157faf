// SPDX-License-Identifier: Apache-2.0
// Listens to systemd's manager: its presence on the bus, RequestStop, Reloading, JobRemoved and services'
// StatusText. Signals that do not come from the owner of org.freedesktop.systemd1 are dropped, since any user
// may send a unicast signal on the system bus.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "dbus/link.hpp"

namespace podsd::dbus {

class ManagerWatch {
 public:
  struct Sinks {
    std::function<void()> available;  ///< systemd is on the bus: at first, and again after a daemon-reexec
    std::function<void()> reloaded;
    std::function<void(const std::string& unit)> request_stop;
    std::function<void(const std::string& job, const std::string& result)> job_removed;
    std::function<void(const std::string& unit, const std::string& text)> status_text;
  };

  ManagerWatch(Sinks sinks, std::chrono::milliseconds deadline)
      : sinks_(std::move(sinks)), deadline_(deadline) {}

  /// Starts on a new connection. Throws sdbus::Error. The matches live as long as `link`, which must end
  /// before this.
  void attach(std::shared_ptr<Link> link);
  void detach();

  /// Whether JobRemoved of all the machine's jobs are to be received; they are not from attach() on.
  void listen_jobs(bool on);

  /// Whether changes of this service's StatusText are to be received; of no unit they are from attach() on.
  void listen_status(const std::string& unit, bool on);

 private:
  void add_matches();
  void tell_daemon(bool on, const std::string& rule);
  void ask_owner();
  void owned_by(const std::string& owner);
  void subscribe();
  [[nodiscard]] bool from_systemd(const sdbus::Message& message) const;

  Sinks sinks_;
  std::chrono::milliseconds deadline_;
  std::shared_ptr<Link> link_;
  std::string owner_;  ///< unique name of systemd's connection; empty while it has none
};

}  // namespace podsd::dbus
