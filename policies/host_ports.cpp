// SPDX-License-Identifier: Apache-2.0
#include "policies/host_ports.hpp"

namespace podsd::policies {

std::vector<HostPort> host_ports(const spec::Pod& pod) {
  std::vector<HostPort> out;
  for (std::size_t i = 0; i < pod.containers.size(); ++i) {
    const std::vector<spec::ContainerPort>& ports = pod.containers[i].ports;
    for (std::size_t k = 0; k < ports.size(); ++k)
      if (ports[k].host_port != 0)
        out.push_back({ports[k].protocol, ports[k].host_ip, ports[k].host_port, ports[k].container_port,
                       "spec.containers[" + std::to_string(i) + "].ports[" + std::to_string(k) + "].hostPort",
                       ports[k].position});
  }
  return out;
}

bool collide(const HostPort& one, const HostPort& other) {
  if (one.protocol != other.protocol || one.host_port != other.host_port) return false;
  if (!one.host_ip || !other.host_ip) return true;
  if (one.host_ip->v6 != other.host_ip->v6) return false;
  return one.host_ip == other.host_ip || spec::is_unspecified(*one.host_ip) ||
         spec::is_unspecified(*other.host_ip);
}

std::string port_conflict(const PortOwner& asker, const std::vector<PortOwner>& owners) {
  for (const HostPort& wanted : asker.ports)
    for (const PortOwner& owner : owners) {
      if (owner.pod == asker.pod) continue;
      for (const HostPort& taken : owner.ports)
        if (collide(wanted, taken))
          return asker.manifest + ":" + std::to_string(wanted.position.line) + ":" +
                 std::to_string(wanted.position.column) + ": error: " + wanted.field + ": " +
                 to_string(wanted) + " of pod " + asker.pod + " is taken by " + to_string(taken) +
                 " of pod " + owner.pod + " in " + owner.manifest;
    }
  return {};
}

std::string to_string(const HostPort& port) {
  std::string text;
  if (port.host_ip) {
    const std::string ip = spec::to_string(*port.host_ip);
    text = (port.host_ip->v6 ? "[" + ip + "]" : ip) + ":";
  }
  return text + std::to_string(port.host_port) + "/" + port.protocol;
}

}  // namespace podsd::policies
