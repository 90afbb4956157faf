// SPDX-License-Identifier: Apache-2.0
#include <linux/if.h>

#include <algorithm>
#include <cctype>

#include "agent/runtime/config_parts.hpp"

namespace podsd::runtime {
namespace {

// As the kernel's dev_valid_name() has it, and at most one %d of a name that is to be completed.
bool is_valid(std::string name) {
  if (const auto number = name.find("%d"); number != std::string::npos) name.replace(number, 2, "0");
  if (name.empty() || name.size() >= IFNAMSIZ || name == "." || name == "..") return false;
  return std::ranges::none_of(name,
                              [](char c) { return c == '/' || c == ':' || c == '%' || std::isspace(c); });
}

}  // namespace

std::vector<NetDevice> read_net_devices(const Node& node) {
  std::vector<NetDevice> devices;
  node.each_member([&](const std::string& from, const Node& one) {
    const std::string name = one.at("name").text();
    if (from.find('%') != std::string::npos || !is_valid(from))
      one.complain("is no name of a network device");
    if (!name.empty() && !is_valid(name)) one.at("name").complain("is no name of a network device");
    devices.push_back({from, name.empty() ? from : name});
  });
  return devices;
}

}  // namespace podsd::runtime
