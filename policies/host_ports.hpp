// SPDX-License-Identifier: Apache-2.0
// Ports of the host that lead to pods.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/pod.hpp"

namespace podsd::policies {

/// core/v1 ContainerPort with a hostPort.
struct HostPort {
  std::string protocol;                    ///< "TCP", "UDP" or "SCTP"
  std::optional<spec::IpAddress> host_ip;  ///< absent: every address; 0.0.0.0 and ::, those of the family
  std::uint16_t host_port = 0;
  std::uint16_t pod_port = 0;
  std::string field = {};        ///< path of the field that asks for it; ignored by ==
  spec::Position position = {};  ///< of that field; ignored by ==

  bool operator==(const HostPort& o) const {
    return protocol == o.protocol && host_ip == o.host_ip && host_port == o.host_port &&
           pod_port == o.pod_port;
  }
};

/// Those of a pod's containers, in the order of the manifest, hostNetwork or not.
[[nodiscard]] std::vector<HostPort> host_ports(const spec::Pod& pod);

/// Whether both want one port of one address.
[[nodiscard]] bool collide(const HostPort& one, const HostPort& other);

/// A pod with the ports that it has or asks for.
struct PortOwner {
  std::string pod;       ///< "namespace/name"
  std::string manifest;  ///< path of the file
  std::vector<HostPort> ports;
};

/// What keeps `asker` from starting: the first of its ports that one of `owners` has, as a diagnostic at the
/// field that asks for it, which names the other pod and its file. Empty where nothing does. Whoever is
/// among the owners came first and keeps its port; an owner of the asker's own name does not count.
[[nodiscard]] std::string port_conflict(const PortOwner& asker, const std::vector<PortOwner>& owners);

/// "8080/TCP", "192.0.2.1:8080/TCP", "[2001:db8::1]:8080/TCP"
[[nodiscard]] std::string to_string(const HostPort& port);

}  // namespace podsd::policies
