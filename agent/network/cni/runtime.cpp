// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/runtime.hpp"

#include <algorithm>
#include <limits>

namespace podsd::network::cni {
namespace {

Json mapping(const policies::HostPort& port) {
  std::string protocol = port.protocol;
  std::ranges::transform(protocol, protocol.begin(), [](char c) { return static_cast<char>(c | 0x20); });
  Json out = {{"hostPort", port.host_port}, {"containerPort", port.pod_port}, {"protocol", protocol}};
  if (port.host_ip) out["hostIP"] = spec::to_string(*port.host_ip);
  return out;
}

void put_rate(Json& out, const std::string& way, const std::optional<std::int64_t>& bits) {
  if (!bits) return;
  out["bandwidth"][way + "Rate"] = *bits;
  out["bandwidth"][way + "Burst"] = std::numeric_limits<std::int32_t>::max();
}

}  // namespace

Json runtime_of(const PodRequest& pod) {
  Json out = Json::object();
  for (const policies::HostPort& port : pod.ports) out["portMappings"].push_back(mapping(port));
  put_rate(out, "ingress", pod.bandwidth.ingress);
  put_rate(out, "egress", pod.bandwidth.egress);
  return out;
}

}  // namespace podsd::network::cni
