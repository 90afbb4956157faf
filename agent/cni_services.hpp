// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/network/cni/provider.hpp"
#include "units/systemd.hpp"

namespace podsd::agent {

/// Instances of podsd-cni@.service by systemd, which has to outlive them.
[[nodiscard]] network::cni::Services cni_services(units::Systemd& systemd);

}  // namespace podsd::agent
