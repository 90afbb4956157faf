// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/net_devices.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/runtime/rtnetlink.hpp"

namespace podsd::runtime {
namespace {

Result<UniqueFd> open_ns(const std::string& path) {
  UniqueFd ns(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!ns) return fail("cannot open a network namespace", path, errno);
  return ns;
}

Result<UniqueFd> namespace_of(const Plan& plan, int pid) {
  const auto joined = std::ranges::find(plan.joins, std::uint64_t{CLONE_NEWNET}, &JoinNamespace::flag);
  return open_ns(joined != plan.joins.end() ? joined->path : "/proc/" + std::to_string(pid) + "/ns/net");
}

Result<Links> links_in(const UniqueFd& ns) {
  auto own = open_ns("/proc/self/ns/net");
  if (!own) return std::unexpected(own.error());
  if (setns(ns.get(), CLONE_NEWNET) < 0) return fail("cannot enter a network namespace", {}, errno);
  auto links = Links::open();
  if (setns(own->get(), CLONE_NEWNET) < 0) return fail("cannot leave a network namespace", {}, errno);
  return links;
}

// The kernel moves a device before it looks whether it can be renamed: a taken name would leave it inside.
Result<std::string> free_name(const Links& inside, const std::string& wanted) {
  const auto number = wanted.find("%d");
  for (int i = 0;; ++i) {
    std::string name = wanted;
    if (number != std::string::npos) name.replace(number, 2, std::to_string(i));
    auto taken = inside.index_of(name);
    if (!taken && taken.error().code == ENODEV) return name;
    if (!taken) return std::unexpected(taken.error());
    if (number == std::string::npos) return fail("a network device of that name is there already", name);
  }
}

Result<void> move(const NetDevice& device, const Links& outside, const Links& inside, const UniqueFd& ns) {
  auto index = outside.index_of(device.from);
  if (!index) return std::unexpected(index.error());
  auto addresses = outside.addresses_of(*index);
  if (!addresses) return std::unexpected(addresses.error());
  auto name = free_name(inside, device.to);
  if (!name) return std::unexpected(name.error());
  if (auto moved = outside.move(*index, ns, *name); !moved) return moved;
  auto there = inside.index_of(*name);
  if (!there) return std::unexpected(there.error());
  for (const auto& address : *addresses)
    if (auto added = inside.add_address(*there, address); !added) return added;
  return inside.take_up(*name);
}

}  // namespace

Result<void> move_net_devices(const Plan& plan, int pid) {
  auto ns = namespace_of(plan, pid);
  if (!ns) return std::unexpected(ns.error());
  auto outside = Links::open(), inside = links_in(*ns);
  if (!outside || !inside) return std::unexpected(outside ? inside.error() : outside.error());
  for (const NetDevice& device : plan.net_devices)
    if (auto moved = move(device, *outside, *inside, *ns); !moved)
      return fail("linux.netDevices", device.from, moved.error());
  return {};
}

}  // namespace podsd::runtime
