// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/resources.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace podsd::runtime {
namespace {

constexpr std::int64_t max_int64 = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t max_device_number = 0xffffffff;

std::optional<std::int64_t> optional_number(const Node& node, std::int64_t low, std::int64_t high) {
  if (!node.present()) return std::nullopt;
  return node.number(low, high);
}

std::optional<std::uint64_t> optional_unsigned(const Node& node) {
  if (!node.present()) return std::nullopt;
  return node.unsigned_number();
}

// What the unified hierarchy has no file for.
void refuse_old(const Node& node) {
  bool nothing = node.blank() || (node.is_number() && node.number(-1, max_int64) <= 0);
  if (!nothing) node.complain("is of cgroup v1 only");
}

DeviceRule read_device_rule(const Node& node) {
  DeviceRule rule;
  rule.allow = node.at("allow").flag();
  if (std::string type = node.at("type").text(); !type.empty()) {
    if (type != "a" && type != "b" && type != "c") node.at("type").complain("must be a, b or c");
    rule.type = type.front();
  }
  rule.major = node.at("major").number(-1, max_device_number, -1);
  rule.minor = node.at("minor").number(-1, max_device_number, -1);
  if (std::string access = node.at("access").text(); !access.empty()) rule.access = access;
  if (rule.access.find_first_not_of("rwm") != std::string::npos)
    node.at("access").complain("must be made of r, w and m");
  return rule;
}

MemoryLimits read_memory(const Node& node) {
  refuse_old(node.at("disableOOMKiller"));
  // "kernel" is no more, not in cgroup v1 either: the kernel's memory counts as the container's in any case.
  refuse_old(node.at("kernelTCP"));
  if (Node swappiness = node.at("swappiness"); swappiness.present())
    swappiness.complain("is of cgroup v1 only");
  return {optional_number(node.at("limit"), -1, max_int64),
          optional_number(node.at("reservation"), -1, max_int64),
          optional_number(node.at("swap"), -1, max_int64), node.at("checkBeforeUpdate").flag()};
}

CpuLimits read_cpu(const Node& node) {
  for (const char* key : {"realtimeRuntime", "realtimePeriod"}) refuse_old(node.at(key));
  return {optional_unsigned(node.at("shares")),
          optional_unsigned(node.at("period")),
          optional_unsigned(node.at("burst")),
          optional_number(node.at("quota"), -max_int64, max_int64),
          optional_number(node.at("idle"), 0, 1),
          node.at("cpus").text(),
          node.at("mems").text()};
}

std::vector<BlockLimit> read_block_limits(const Node& node, const char* value) {
  std::vector<BlockLimit> limits;
  node.each([&](const Node& one) {
    refuse_old(one.at("leafWeight"));
    if (!one.at("major").present() || !one.at("minor").present()) one.complain("needs major and minor");
    limits.push_back({static_cast<std::uint32_t>(one.at("major").number(0, max_device_number)),
                      static_cast<std::uint32_t>(one.at("minor").number(0, max_device_number)),
                      one.at(value).present() ? one.at(value).unsigned_number() : 0});
  });
  return limits;
}

BlockLimits read_block(const Node& node) {
  refuse_old(node.at("leafWeight"));
  BlockLimits limits;
  // 0 stands for a weight that is not set in what podman and docker write.
  if (Node weight = node.at("weight"); weight.present() && weight.number(0, 1000) != 0)
    limits.weight = static_cast<std::uint16_t>(weight.number(10, 1000));
  limits.weights = read_block_limits(node.at("weightDevice"), "weight");
  for (const auto& one : limits.weights)
    if (one.value < 10 || one.value > 1000) node.at("weightDevice").complain("weights go from 10 to 1000");
  limits.read_bytes = read_block_limits(node.at("throttleReadBpsDevice"), "rate");
  limits.write_bytes = read_block_limits(node.at("throttleWriteBpsDevice"), "rate");
  limits.read_operations = read_block_limits(node.at("throttleReadIOPSDevice"), "rate");
  limits.write_operations = read_block_limits(node.at("throttleWriteIOPSDevice"), "rate");
  return limits;
}

void read_hugepages(const Node& node, Resources& resources) {
  node.each([&](const Node& one) {
    Node size = one.at("pageSize");
    // It becomes part of a file's name.
    if (size.text().empty() || size.text().find('/') != std::string::npos)
      size.complain("must be a size like 2MB");
    resources.hugepages.push_back({size.text(), one.at("limit").unsigned_number()});
  });
}

void read_rdma(const Node& node, Resources& resources) {
  node.each_member([&](const std::string& device, const Node& one) {
    if (device.find_first_of(" \n") != std::string::npos) one.complain("is no name of a device");
    RdmaLimit limit{device, {}, {}};
    if (!one.at("hcaHandles").present() && !one.at("hcaObjects").present())
      one.complain("needs hcaHandles or hcaObjects");
    if (one.at("hcaHandles").present())
      limit.handles = static_cast<std::uint32_t>(one.at("hcaHandles").number(0, UINT32_MAX));
    if (one.at("hcaObjects").present())
      limit.objects = static_cast<std::uint32_t>(one.at("hcaObjects").number(0, UINT32_MAX));
    if (!limit.handles && !limit.objects) one.complain("needs hcaHandles or hcaObjects");
    resources.rdma.push_back(limit);
  });
}

void read_unified(const Node& node, Resources& resources) {
  node.each_member([&](const std::string& key, const Node& value) {
    // A name of a file in the cgroup itself. Most "cgroup." files move and end processes.
    if (key.find('/') != std::string::npos || key.find('\0') != std::string::npos)
      value.complain("must be a file of the cgroup, without slashes");
    else if (auto dot = key.find('.'); dot == std::string::npos || dot == 0)
      value.complain("must be CONTROLLER.NAME");
    else if (key.starts_with("cgroup.") && !key.starts_with("cgroup.max."))
      value.complain("is no resource");
    resources.unified.emplace_back(key, value.text());
  });
}

}  // namespace

Resources read_resources(const Node& node) {
  Resources resources;
  node.at("devices").each([&](const Node& one) { resources.devices.push_back(read_device_rule(one)); });
  resources.memory = read_memory(node.at("memory"));
  resources.cpu = read_cpu(node.at("cpu"));
  resources.pids = optional_number(node.at("pids").at("limit"), -1, max_int64);
  resources.block = read_block(node.at("blockIO"));
  read_hugepages(node.at("hugepageLimits"), resources);
  refuse_old(node.at("network"));
  read_rdma(node.at("rdma"), resources);
  read_unified(node.at("unified"), resources);
  return resources;
}

Result<Resources> parse_resources(std::string_view text) {
  auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return fail("resources", "must be an object of JSON");
  std::optional<Error> error;
  Resources resources = read_resources(Node(&document, "resources", &error));
  if (error) return fail("resources", error->subject + " " + error->what);
  return resources;
}

}  // namespace podsd::runtime
