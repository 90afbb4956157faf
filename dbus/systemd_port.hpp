// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dbus/link.hpp"
#include "dbus/manager_watch.hpp"
#include "dbus/operation.hpp"
#include "dbus/systemd_client.hpp"
#include "units/systemd.hpp"

namespace podsd::dbus {

/// units::Systemd over whichever bus connection there is at the time; without one every call fails with
/// ENOTCONN.
class SystemdPort final : public units::Systemd {
 public:
  SystemdPort(boost::asio::io_context& io, const ClientOptions& options, units::SystemdEvents events);
  ~SystemdPort() override;

  /// Throws sdbus::Error.
  void attach(const std::shared_ptr<Link>& link);
  /// Fails all calls under way; `link` of attach() must be closed before.
  void detach();

  void start_transient(std::string unit, std::vector<units::Property> properties,
                       units::Done<std::vector<std::string>> done) override;
  void start_unit(std::string unit, std::function<void(const std::string& text)> status,
                  units::Done<void> done) override;
  void stop_unit(std::string unit, units::Done<void> done) override;
  void kill_unit(std::string unit, int signal, units::Done<void> done) override;
  void set_properties(std::string unit, std::vector<units::Property> properties,
                      units::Done<void> done) override;
  void get_string(std::string unit, std::string interface, std::string property,
                  units::Done<std::string> done) override;
  void get_number(std::string unit, std::string interface, std::string property,
                  units::Done<std::uint64_t> done) override;
  void ref_unit(std::string unit, units::Done<void> done) override;
  void release_unit(std::string unit, units::Done<void> done) override;
  void list_units(std::vector<std::string> patterns, units::Done<std::vector<units::UnitInfo>> done) override;

 private:
  using VoidOperation = OperationOf<void>;

  [[nodiscard]] ManagerWatch::Sinks sinks();
  void available();
  void notify(const std::function<void()>& event);
  std::shared_ptr<VoidOperation> begin_void(std::string method, std::string unit, units::Done<void> done);
  template <typename T>
  void get(std::string unit, std::string interface, std::string property, units::Done<T> done);
  void simple(const std::shared_ptr<VoidOperation>& operation, const Link::Write& write);

  units::SystemdEvents events_;
  std::map<std::string, std::function<void(const std::string&)>> status_;  ///< by the unit that is starting
  bool available_ = false;  ///< systemd was seen on this connection, and `connected` told
  ManagerWatch watch_;
  PortState state_;
};

}  // namespace podsd::dbus
