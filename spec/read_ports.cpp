// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "spec/names.hpp"
#include "spec/read.hpp"
#include "spec/scalar.hpp"

namespace podsd::spec {
namespace {

/// Fills in where the port is reached on the host.
void read_host_port(const Reader& item, ContainerPort& port, bool host_network) {
  const Reader field = item.field("hostPort", Type::integer);
  port.position = field.present() ? field.position() : item.position();
  port.host_port = static_cast<std::uint16_t>(item.integer("hostPort", 0, 65535).value_or(0));
  if (const Reader ip = item.field("hostIP", Type::text); ip.present() && !ip.node().text.empty()) {
    port.host_ip = parse_ip(ip.node().text);
    if (!port.host_ip) ip.expect("an IP address");
  }
  if (!host_network) return;
  if (port.host_port != 0 && port.host_port != port.container_port)
    field.error("found " + std::to_string(port.host_port) +
                ", expected the containerPort, as hostNetwork is true");
  port.host_port = port.container_port;
}

/// Whether one would hide the other: a port of one address and the same one of all others go together.
bool same_host_port(const ContainerPort& one, const ContainerPort& other) {
  if (one.host_port == 0 || one.host_port != other.host_port || one.protocol != other.protocol) return false;
  if (one.host_ip && other.host_ip) return one.host_ip == other.host_ip;
  const auto all = [](const ContainerPort& p) { return !p.host_ip || is_unspecified(*p.host_ip); };
  return all(one) && all(other);
}

/// core/v1 validation: no port of the host twice in a pod.
void check_unique(const Reader& item, const ContainerPort& port, const std::vector<ContainerPort>& own,
                  const Pod& pod) {
  const auto same = [&port](const ContainerPort& other) { return same_host_port(port, other); };
  const bool twice = std::ranges::any_of(own, same) ||
                     std::ranges::any_of(pod.containers, [&same](const Container& container) {
                       return std::ranges::any_of(container.ports, same);
                     });
  if (!twice) return;
  const Reader field = item.field("hostPort", Type::integer);
  (field.present() ? field : item.field("containerPort", Type::integer))
      .error("the pod has port " + std::to_string(port.host_port) + "/" + port.protocol +
             " of the host twice");
}

}  // namespace

std::vector<ContainerPort> read_ports(const Reader& list, const Pod& pod) {
  static constexpr std::pair<std::string_view, std::string_view> protocols[] = {
      {"TCP", "TCP"}, {"UDP", "UDP"}, {"SCTP", "SCTP"}};
  std::vector<ContainerPort> out;
  std::set<std::string> names;
  if (!list.present()) return out;
  for (std::size_t i = 0; i < list.node().items.size(); ++i) {
    const Reader item = list.item(i);
    if (item.node().kind != Node::Kind::mapping) continue;
    ContainerPort port;
    const Reader name = item.field("name", Type::text);
    if (name.present() && !name.node().text.empty()) {
      port.name = name.node().text;
      name.expect(check_port_name(port.name));
      if (!names.insert(port.name).second) name.error("two ports are named " + excerpt(port.name));
    }
    if (item.require("containerPort", "1 to 65535"))
      port.container_port = static_cast<std::uint16_t>(item.integer("containerPort", 1, 65535).value_or(0));
    port.protocol = read_choice(item.field("protocol", Type::text), protocols, std::string_view("TCP"));
    read_host_port(item, port, pod.host_network);
    check_unique(item, port, out, pod);
    out.push_back(std::move(port));
  }
  return out;
}

}  // namespace podsd::spec
