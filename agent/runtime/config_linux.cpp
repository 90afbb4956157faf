// SPDX-License-Identifier: Apache-2.0
#include <sys/personality.h>

#include "agent/runtime/config_parts.hpp"
#include "agent/runtime/mount_options.hpp"

namespace podsd::runtime {
namespace {

IdMap read_map(const Node& node) {
  IdMap map;
  node.each([&](const Node& one) {
    const auto number = [&](const char* key) {
      return static_cast<std::uint32_t>(one.at(key).number(0, UINT32_MAX));
    };
    map.push_back({number("containerID"), number("hostID"), number("size")});
  });
  if (map.empty()) return map;
  if (auto checked = check_map(map); !checked) node.complain(checked.error().message());
  return map;
}

Device read_device(const Node& node) {
  Device device;
  device.path = read_absolute_path(node.at("path"));
  std::string type = node.at("type").text();
  if (type == "u") type = "c";
  if (type != "c" && type != "b" && type != "p") node.at("type").complain("must be c, u, b or p");
  device.type = type.empty() ? 'c' : type.front();
  if (device.type != 'p' && !(node.at("major").present() && node.at("minor").present()))
    node.complain("needs major and minor");
  device.major = static_cast<std::uint32_t>(node.at("major").number(0, 0xfff));
  device.minor = static_cast<std::uint32_t>(node.at("minor").number(0, 0xfffff));
  device.mode = static_cast<std::uint32_t>(node.at("fileMode").number(0, 0177777, 0666)) & 07777;
  device.uid = read_id(node.at("uid"));
  device.gid = read_id(node.at("gid"));
  return device;
}

// The only domains that the specification has; it has no flags.
std::uint32_t read_personality(const Node& node) {
  std::string domain = node.at("domain").text();
  if (domain != "LINUX" && domain != "LINUX32") node.at("domain").complain("must be LINUX or LINUX32");
  if (!node.at("flags").blank()) node.at("flags").complain("must be empty");
  return domain == "LINUX32" ? PER_LINUX32 : PER_LINUX;
}

}  // namespace

UserMaps read_maps(const Node& node) {
  UserMaps maps{read_map(node.at("uidMappings")), read_map(node.at("gidMappings"))};
  if (maps.uids.empty() != maps.gids.empty())
    node.at(maps.uids.empty() ? "uidMappings" : "gidMappings").complain("is missing beside the other");
  return maps;
}

void read_linux(const Node& node, Config& config) {
  config.net_devices = read_net_devices(node.at("netDevices"));
  // Nothing here could be sure to have bound a container to its share of a cache.
  if (!node.at("intelRdt").blank()) node.at("intelRdt").complain("is not supported: no resctrl is managed");
  if (Node personality = node.at("personality"); personality.present())
    config.process.personality = read_personality(personality);
  config.mount_label = node.at("mountLabel").text();
  if (Node policy = node.at("memoryPolicy"); policy.present())
    config.memory_policy = read_memory_policy(policy);
  config.root_propagation = node.at("rootfsPropagation").text();
  if (!config.root_propagation.empty() && propagation_flags(config.root_propagation) == 0)
    node.at("rootfsPropagation").complain("is not known: " + config.root_propagation);
  node.at("namespaces").each([&](const Node& one) {
    config.namespaces.push_back({one.at("type").text(), one.at("path").text()});
  });
  config.ids = read_maps(node);
  node.at("timeOffsets").each_member([&](const std::string& clock, const Node& one) {
    if (clock != "monotonic" && clock != "boottime") return one.complain("must be monotonic or boottime");
    constexpr std::int64_t most_seconds = std::int64_t{1} << 33;  // the kernel stops at 2^63 ns
    config.time_offsets.push_back({clock, one.at("secs").number(-most_seconds, most_seconds),
                                   static_cast<std::uint32_t>(one.at("nanosecs").number(0, 999'999'999))});
  });
  node.at("devices").each([&](const Node& one) { config.devices.push_back(read_device(one)); });
  node.at("sysctl").each_member(
      [&](const std::string& key, const Node& value) { config.sysctl[key] = value.text(); });
  config.cgroups_path = node.at("cgroupsPath").text();
  // Read also where it asks for nothing, to find what is wrong in it.
  Node resources = node.at("resources");
  if (Resources read = read_resources(resources); !resources.blank()) config.resources = std::move(read);
  if (Node seccomp = node.at("seccomp"); !seccomp.blank()) {
    config.seccomp = seccomp.json();
    config.seccomp_listener = seccomp.at("listenerPath").text();
    config.seccomp_metadata = seccomp.at("listenerMetadata").text();
  }
  node.at("maskedPaths").each([&](const Node& path) {
    config.masked_paths.push_back(read_absolute_path(path));
  });
  node.at("readonlyPaths").each([&](const Node& path) {
    config.readonly_paths.push_back(read_absolute_path(path));
  });
}

}  // namespace podsd::runtime
