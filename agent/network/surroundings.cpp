// SPDX-License-Identifier: Apache-2.0
#include "agent/network/surroundings.hpp"

#include <systemd/sd-id128.h>
#include <unistd.h>

#include "agent/network/link_messages.hpp"

namespace podsd::network {
namespace {

/// Made up once for podsd: what a machine's id gives with it says nothing of the machine's id itself
/// (machine-id(5)).
constexpr sd_id128_t application =
    SD_ID128_MAKE(6d, 0b, 2f, 91, 5c, 3e, 47, a8, 9e, 13, 70, c4, 2a, b8, d5, 66);

std::optional<std::array<std::uint8_t, 16>> machine_id() {
  sd_id128_t id{};
  if (::sd_id128_get_machine_app_specific(application, &id) < 0) return std::nullopt;
  return std::to_array(id.bytes);
}

}  // namespace

Result<Surroundings> look_around(Netlink& host, const std::string& bridge) {
  auto routes = host_routes(host);
  if (!routes) return std::unexpected(routes.error());
  Surroundings out{std::move(*routes), {}, {::access("/proc/sys/net/ipv6", F_OK) == 0, machine_id(), {}}};
  const std::uint32_t own = link_index(host, bridge).value_or(0);
  for (const HostRoute& route : out.routes) {
    if (route.link == 0 || route.link == own) continue;
    const auto link = host_link(host, route.link);
    if (!link || link->name.empty() || link->name == "lo") continue;
    out.host.occupied.push_back(route.to);
    out.links.insert(link->name);
  }
  return out;
}

}  // namespace podsd::network
