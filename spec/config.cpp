// SPDX-License-Identifier: Apache-2.0
#include "spec/config.hpp"

#include <algorithm>
#include <charconv>

#include "spec/config_cni.hpp"
#include "spec/config_values.hpp"
#include "spec/names.hpp"
#include "spec/quantity.hpp"
#include "spec/read.hpp"
#include "spec/scalar.hpp"
#include "spec/schema_parts.hpp"
#include "spec/text.hpp"
#include "spec/tree.hpp"

namespace podsd::spec {
namespace {

constexpr FieldRule backoff_fields[] = {
    yes("first", Type::text),
    yes("factor", Type::quantity),
    yes("cap", Type::text),
    yes("reset", Type::text),
};
constexpr ObjectRule backoff_rule{backoff_fields};

constexpr FieldRule users_fields[] = {yes("firstID", Type::integer), yes("pods", Type::integer)};
constexpr ObjectRule users_rule{users_fields};

constexpr FieldRule runtime_fields[] = {
    yes("path", Type::text),
    yes("args", Type::texts),
};
constexpr ObjectRule runtime_rule{runtime_fields};

constexpr FieldRule network_fields[] = {
    yes("provider", Type::text), yes("bridge", Type::text), yes("ipv4", Type::text),
    yes("ipv6", Type::text),     yes("mtu", Type::integer), yes("cni", cni_config_rule),
};
constexpr ObjectRule network_rule{network_fields};

constexpr FieldRule image_limits_fields[] = {
    yes("bytes", Type::quantity),
    yes("files", Type::integer),
    yes("time", Type::text),
};
constexpr ObjectRule image_limits_rule{image_limits_fields};

constexpr FieldRule config_fields[] = {
    yes("restartBackoff", backoff_rule),
    yes("podPidsLimit", Type::integer),
    yes("userNamespaces", users_rule),
    yes("memoryThrottlingFactor", Type::quantity),
    yes("runtimes", Type::any),
    yes("imageGCHighThresholdPercent", Type::integer),
    yes("imageGCLowThresholdPercent", Type::integer),
    yes("imageMinimumGCAge", Type::text),
    yes("pinnedImages", Type::texts),
    yes("imageLimits", image_limits_rule),
    yes("imageSnapshotter", Type::text),
    yes("network", network_rule),
};
constexpr ObjectRule config_rule{config_fields};

/// The last block of 65,536 ids ends with 4294967295, which is none.
void read_users(const Reader& users, Config& config) {
  constexpr std::int64_t block = 65536, blocks = 65535;
  if (!users.present()) return;
  config.users_first_id = users.integer("firstID", block, (blocks - 1) * block);
  const std::int64_t first = config.users_first_id.value_or(block);
  if (first % block != 0) users.field("firstID", Type::integer).expect("a multiple of 65536");
  config.users_pods = users.integer("pods", 1, blocks - first / block);
}

Runtime read_runtime(const Reader& reader) {
  Runtime runtime;
  check_object(reader.node(), runtime_rule, reader.path(), reader.findings());
  if (!reader.require("path", "the path of the runtime")) return runtime;
  if (const Reader path = reader.field("path", Type::text); path.present()) {
    runtime.path = path.node().text;
    path.expect(check_path(runtime.path));
  }
  if (const Reader args = reader.field("args", Type::texts); args.present())
    for (const Node& word : args.node().items) runtime.args.push_back(word.text);
  return runtime;
}

std::map<std::string, Runtime> read_runtimes(const Reader& list) {
  std::map<std::string, Runtime> runtimes;
  if (!list.present()) return runtimes;
  if (list.node().kind != Node::Kind::mapping) {
    list.expect("a mapping of names to runtimes");
    return runtimes;
  }
  for (const Node::Entry& entry : list.node().entries) {
    const Reader one = list.entry(entry);
    if (const std::string wrong = check_subdomain(entry.key); !wrong.empty())
      one.error("the name of a runtime is " + wrong);
    if (entry.value.kind != Node::Kind::mapping)
      one.expect("a mapping with the runtime's path");
    else
      runtimes[entry.key] = read_runtime(one);
  }
  return runtimes;
}

/// Room for at least one pod beside the range's first address and the bridge's; an IPv6 range no longer than
/// the host part of usual networks.
IpFamilyConfig read_family(const Reader& network, bool v6) {
  IpFamilyConfig family;
  const Reader field = network.field(v6 ? "ipv6" : "ipv4", Type::text);
  if (!field.present()) return family;
  family.off = field.node().text == "none";
  if (family.off) return family;
  const auto range = parse_prefix(field.node().text);
  const int longest = v6 ? 120 : 29;
  if (range && range->address.v6 == v6 && range_of(*range) == *range && range->length >= (v6 ? 48 : 8) &&
      range->length <= longest)
    family.range = range;
  else
    field.expect(v6 ? "none, or a range from /48 to /120 such as fd12:3456:789a::/64"
                    : "none, or a range from /8 to /29 such as 10.87.0.0/16");
  return family;
}

/// As the kernel wants it (dev_valid_name()), and as it can stand in the packet filter's rules.
bool is_link_name(const std::string& name) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !name.empty() && name.size() <= 15 && name.find_first_not_of(allowed) == std::string::npos;
}

NetworkConfig read_network(const Reader& network) {
  NetworkConfig config;
  if (!network.present()) return config;
  static constexpr std::pair<std::string_view, NetworkConfig::Provider> providers[] = {
      {"auto", NetworkConfig::Provider::automatic},
      {"embedded", NetworkConfig::Provider::embedded},
      {"cni", NetworkConfig::Provider::cni},
      {"none", NetworkConfig::Provider::none}};
  config.provider = read_choice(network.field("provider", Type::text), providers, config.provider);
  if (const Reader bridge = network.field("bridge", Type::text); bridge.present()) {
    config.bridge = bridge.node().text;
    if (!is_link_name(config.bridge))
      bridge.expect("the name of a link: at most 15 letters, digits, - and _");
  }
  config.ipv4 = read_family(network, false);
  config.ipv6 = read_family(network, true);
  config.cni = read_cni_config(network.field("cni", Type::object));
  if (config.ipv4.off && config.ipv6.off) network.error("ipv4 and ipv6 are both none: say provider: none");
  // IPv6 asks for 1280 (RFC 8200, section 5).
  if (const auto mtu = network.integer("mtu", config.ipv6.off ? 576 : 1280, 65535))
    config.mtu = static_cast<std::uint32_t>(*mtu);
  return config;
}

/// What of the disk images may fill, and which stay.
void read_image_collection(const Reader& root, Config& config) {
  constexpr std::int64_t high = 85;
  config.image_high_percent = root.integer("imageGCHighThresholdPercent", 1, 100);
  const std::int64_t below = config.image_high_percent.value_or(high) - 1;
  config.image_low_percent = root.integer("imageGCLowThresholdPercent", 0, below);
  config.image_minimum_age_usec = duration(root, "imageMinimumGCAge");
  const Reader pinned = root.field("pinnedImages", Type::texts);
  if (!pinned.present()) return;
  config.pinned_images.emplace();
  for (const Node& name : pinned.node().items) config.pinned_images->push_back(name.text);
}

void read_image_limits(const Reader& limits, Config& config) {
  constexpr std::int64_t second = 1'000'000, most_files = 1'000'000'000;
  if (!limits.present()) return;
  if (const Reader bytes = limits.field("bytes", Type::quantity); bytes.present()) {
    const auto units = parse_units(bytes.node().text);
    if (units && *units > 0)
      config.image_bytes = *units;
    else
      bytes.expect("a number of bytes over 0, such as 16Gi");
  }
  config.image_files = limits.integer("files", 1, most_files);
  config.image_time_usec = duration(limits, "time");
  if (config.image_time_usec.value_or(second) < second)
    limits.field("time", Type::text).expect("at least 1s");
}

Config read(const Reader& root) {
  Config config;
  const Reader backoff = root.field("restartBackoff", Type::object);
  if (backoff.present()) {
    config.backoff_first_usec = duration(backoff, "first");
    config.backoff_factor = decimal(backoff, "factor", 1, 10);
    config.backoff_cap_usec = duration(backoff, "cap");
    config.backoff_reset_usec = duration(backoff, "reset");
  }
  config.pod_pids_limit = root.integer("podPidsLimit", 16, 4'194'304);
  read_users(root.field("userNamespaces", Type::object), config);
  config.memory_throttling_factor = decimal(root, "memoryThrottlingFactor", 0.001, 1);
  config.network = read_network(root.field("network", Type::object));
  read_image_collection(root, config);
  read_image_limits(root.field("imageLimits", Type::object), config);
  static constexpr std::pair<std::string_view, ImageSnapshotter> snapshotters[] = {
      {"overlayfs", ImageSnapshotter::overlayfs}, {"erofs", ImageSnapshotter::erofs}};
  config.image_snapshotter =
      read_choice(root.field("imageSnapshotter", Type::text), snapshotters, config.image_snapshotter);
  config.runtimes = read_runtimes(root.field("runtimes", Type::any));
  return config;
}

}  // namespace

ConfigFile parse_config(std::string_view text, const std::string& file) {
  Findings findings(file);
  ConfigFile out;
  if (text.size() > max_manifest_bytes) {
    findings.error({}, "", "found " + std::to_string(text.size()) + " bytes, expected at most 1 MiB");
  } else if (const auto bad = find_bad_bytes(text)) {
    findings.error(position_of(text, bad->offset), "", bad->message);
  } else {
    const Documents documents = read_yaml(text, findings);
    for (std::size_t i = 0; i < documents.list.size(); ++i) {
      const Node& root = documents.list[i].root;
      if (root.kind == Node::Kind::null || root.kind == Node::Kind::invalid) continue;
      if (root.kind != Node::Kind::mapping || i > 0) {
        findings.error(root.position, "", "found " + describe(root) + ", expected one mapping");
        continue;
      }
      check_object(root, config_rule, "", findings);
      out.config = read(Reader(&root, "", findings));
    }
  }
  out.diagnostics = std::move(findings).take();
  return out;
}

Result<Config> read_config(std::string_view text, const std::string& file) {
  ConfigFile read = parse_config(text, file);
  std::string errors;
  for (const Diagnostic& d : read.diagnostics)
    if (d.severity == Severity::error) errors += (errors.empty() ? "" : "\n") + d.text();
  if (!errors.empty()) return fail(errors);
  return std::move(read.config);
}

}  // namespace podsd::spec
