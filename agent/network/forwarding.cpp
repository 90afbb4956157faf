// SPDX-License-Identifier: Apache-2.0
#include "agent/network/forwarding.hpp"

#include <cerrno>
#include <filesystem>

#include "agent/os/files.hpp"

namespace podsd::network {
namespace {

const std::filesystem::path sysctls = "/proc/sys/net";

std::filesystem::path setting(bool v6, const std::string& link, const char* name) {
  return sysctls / (v6 ? "ipv6" : "ipv4") / "conf" / link / name;
}

/// Of a setting that is there; a link may have gone meanwhile.
bool is(const std::filesystem::path& path, char value) {
  const auto text = os::read_file(path, 64);
  return text && text->starts_with(value);
}

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Result<void> per_link(bool v6, const char* name, const std::set<std::string>& links,
                      std::vector<std::string>& switched) {
  std::set<std::string> off;
  for (const std::string& link : links)
    if (is(setting(v6, link, name), '0')) off.insert(link);
  for (const std::string& link : off)
    if (auto on = os::write_existing(setting(v6, link, name), "1"); !on && on.error().code != ENOENT)
      return on;
  if (!off.empty())
    switched.push_back(std::string(v6 ? "IPv6" : "IPv4") + " forwarding is on now for " + joined(off) +
                       ", for pods");
  return {};
}

/// A router takes no router advertisements, unless accept_ra is 2 (ip-sysctl.rst).
Result<void> whole_host(std::vector<std::string>& switched) {
  if (!is(setting(true, "all", "forwarding"), '0')) return {};
  std::set<std::string> listening;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(sysctls / "ipv6" / "conf", error))
    if (is(entry.path() / "accept_ra", '1')) listening.insert(entry.path().filename());
  for (const std::string& link : listening)
    if (auto set = os::write_existing(setting(true, link, "accept_ra"), "2"); !set) return set;
  if (auto on = os::write_existing(setting(true, "all", "forwarding"), "1"); !on) return on;
  switched.push_back(
      "IPv6 forwarding is on now for the whole host, for pods: before Linux 6.17 it cannot be for"
      " single links; accept_ra is 2 now for " +
      joined(listening));
  return {};
}

}  // namespace

Result<void> switch_on_forwarding(bool v6, const std::string& bridge, const std::set<std::string>& links,
                                  std::vector<std::string>& switched) {
  std::set<std::string> all = links;
  all.insert(bridge);
  if (!v6) return per_link(false, "forwarding", all, switched);
  if (std::filesystem::exists(setting(true, bridge, "force_forwarding"))) {
    if (is(setting(true, "all", "forwarding"), '1')) return {};
    return per_link(true, "force_forwarding", all, switched);
  }
  return whole_host(switched);
}

std::set<std::string> not_forwarding(bool v6, const std::string& bridge, const std::set<std::string>& links) {
  if (v6 && is(setting(true, "all", "forwarding"), '1')) return {};
  std::set<std::string> all = links;
  all.insert(bridge);
  std::erase_if(all, [v6](const std::string& link) {
    return is(setting(v6, link, v6 ? "force_forwarding" : "forwarding"), '1');
  });
  return all;
}

}  // namespace podsd::network
