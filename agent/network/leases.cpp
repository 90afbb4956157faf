// SPDX-License-Identifier: Apache-2.0
#include "agent/network/leases.hpp"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>

#include "agent/os/files.hpp"

namespace podsd::network {
namespace {

using Json = nlohmann::json;

Json to_json(const std::vector<spec::IpPrefix>& prefixes) {
  Json out = Json::array();
  for (const spec::IpPrefix& prefix : prefixes) out.push_back(spec::to_string(prefix));
  return out;
}

std::optional<std::vector<spec::IpPrefix>> prefixes_of(const Json& list) {
  if (!list.is_array()) return std::nullopt;
  std::vector<spec::IpPrefix> prefixes;
  for (const Json& text : list) {
    const auto prefix = text.is_string() ? spec::parse_prefix(text.get<std::string>()) : std::nullopt;
    if (!prefix) return std::nullopt;
    prefixes.push_back(*prefix);
  }
  return prefixes;
}

std::optional<std::uint32_t> number_of(const Json& value) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > UINT32_MAX) return std::nullopt;
  return value.get<std::uint32_t>();
}

std::optional<policies::Lease> lease_of(const Json& value) {
  if (!value.is_object()) return std::nullopt;
  const auto number = number_of(value.value("number", Json()));
  auto addresses = prefixes_of(value.value("addresses", Json()));
  if (!number || !addresses || addresses->empty()) return std::nullopt;
  for (const spec::IpPrefix& address : *addresses)
    if (policies::place_of(address) != number) return std::nullopt;
  return policies::Lease{*number, std::move(*addresses)};
}

}  // namespace

Result<void> Leases::load() {
  const auto text = os::read_file(file_, 16U << 20);
  if (!text && text.error().code == ENOENT) return {};
  if (!text) return std::unexpected(text.error());
  const auto damaged = [this] { return fail("the record of the pods' addresses is damaged", file_); };
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.value("pods", Json()).is_object()) return damaged();
  const auto ranges = prefixes_of(json.value("ranges", Json()));
  const auto last = number_of(json.value("last", Json()));
  if (!ranges || !last) return damaged();
  Kept kept{*ranges, *last, {}};
  std::set<std::uint32_t> numbers;
  for (const auto& [pod, value] : json.at("pods").items()) {
    auto lease = lease_of(value);
    if (!lease || !numbers.insert(lease->number).second) return damaged();
    kept.leases.emplace(pod, std::move(*lease));
  }
  kept_ = std::move(kept);
  return {};
}

Result<void> Leases::keep(Kept changed) {
  Json json{{"ranges", to_json(changed.ranges)}, {"last", changed.last}, {"pods", Json::object()}};
  for (const auto& [pod, lease] : changed.leases)
    json["pods"][pod] = {{"number", lease.number}, {"addresses", to_json(lease.addresses)}};
  if (auto written = os::replace_file(file_, json.dump() + "\n", true); !written) return written;
  kept_ = std::move(changed);
  return {};
}

Result<policies::Lease> Leases::take(const std::string& pod, const std::vector<spec::IpPrefix>& ranges) {
  if (const policies::Lease* has = find(pod)) {
    std::vector<spec::IpPrefix> of;
    for (const spec::IpPrefix& address : has->addresses) of.push_back(spec::range_of(address));
    if (of == ranges) return *has;
  }
  std::set<std::uint32_t> taken;
  for (const auto& [other, lease] : kept_.leases) taken.insert(lease.number);
  const auto lease = policies::next_lease(ranges, taken, kept_.last);
  if (!lease) return fail("no address is left for another pod (network of podsd.yaml)");
  Kept changed = kept_;
  changed.last = lease->number;
  changed.leases[pod] = *lease;
  if (auto kept = keep(std::move(changed)); !kept) return std::unexpected(kept.error());
  return *lease;
}

const policies::Lease* Leases::find(const std::string& pod) const {
  const auto it = kept_.leases.find(pod);
  return it == kept_.leases.end() ? nullptr : &it->second;
}

Result<void> Leases::free(const std::string& pod) {
  if (!kept_.leases.contains(pod)) return {};
  Kept changed = kept_;
  changed.leases.erase(pod);
  return keep(std::move(changed));
}

Result<void> Leases::keep_ranges(std::vector<spec::IpPrefix> ranges) {
  Kept changed = kept_;
  changed.ranges = std::move(ranges);
  return keep(std::move(changed));
}

}  // namespace podsd::network
