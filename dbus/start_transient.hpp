// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "dbus/operation.hpp"

namespace podsd::dbus {

/// units::Systemd::start_transient: the call, what may have to be cleared away before it, and its job.
class StartTransient final : public OperationOf<std::vector<std::string>> {
 public:
  StartTransient(PortState& port, std::string unit, std::vector<units::Property> properties,
                 units::Done<std::vector<std::string>> done);

  /// Sends the call.
  void send();

 private:
  void refused(const sdbus::Error& error);
  void look_at_existing(const std::string& refusal);
  void replace_existing();
  void job_over(const std::string& result);
  [[nodiscard]] std::shared_ptr<StartTransient> self();

  std::vector<units::Property> properties_;
  std::vector<std::string> dropped_;
  bool replaced_ = false;
};

}  // namespace podsd::dbus
