// SPDX-License-Identifier: Apache-2.0
#include "agent/cni_services.hpp"

namespace podsd::agent {

network::cni::Services cni_services(units::Systemd& systemd) {
  return {[&systemd](const std::string& unit, network::Done<void> done) {
            systemd.start_unit(unit, nullptr, std::move(done));
          },
          [&systemd](const std::string& unit, network::Done<void> done) {
            systemd.stop_unit(unit, std::move(done));
          }};
}

}  // namespace podsd::agent
