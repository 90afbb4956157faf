// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/result.hpp"

#include <algorithm>
#include <optional>

#include "agent/one_line.hpp"
#include "policies/cni.hpp"

namespace podsd::network::cni {
namespace {

std::unexpected<Error> wrong(const std::string& field, const std::string& expected) {
  return fail(field + " of its result is not " + expected);
}

/// An absent list is an empty one, and so is null, which Go writes for it.
const Json& list_of(const Json& result, const char* key) {
  static const Json none = Json::array();
  const auto it = result.find(key);
  return it == result.end() || it->is_null() ? none : *it;
}

std::string text_of(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

Result<void> check_interfaces(const Json& result) {
  const Json& interfaces = list_of(result, "interfaces");
  if (!interfaces.is_array()) return wrong("interfaces", "a list");
  for (const Json& interface : interfaces)
    if (!interface.is_object() || text_of(interface, "name").empty())
      return wrong("interfaces", "a list of interfaces with names");
  return {};
}

Result<void> check_ips(const Json& result) {
  const Json& ips = list_of(result, "ips");
  const std::size_t interfaces = list_of(result, "interfaces").size();
  if (!ips.is_array()) return wrong("ips", "a list");
  for (std::size_t i = 0; i < ips.size(); ++i) {
    const std::string at = "ips[" + std::to_string(i) + "]";
    if (!ips[i].is_object()) return wrong(at, "a mapping");
    if (!spec::parse_prefix(text_of(ips[i], "address")))
      return wrong(at + ".address", "an address with its length");
    if (const std::string gateway = text_of(ips[i], "gateway"); !gateway.empty() && !spec::parse_ip(gateway))
      return wrong(at + ".gateway", "an address");
    const Json index = ips[i].value("interface", Json());
    if (!index.is_null() && (!index.is_number_integer() || index.get<std::int64_t>() < 0 ||
                             index.get<std::uint64_t>() >= interfaces))
      return wrong(at + ".interface", "the number of an interface");
  }
  return {};
}

Result<void> check_routes(const Json& result) {
  const Json& routes = list_of(result, "routes");
  if (!routes.is_array()) return wrong("routes", "a list");
  for (const Json& route : routes) {
    if (!route.is_object() || !spec::parse_prefix(text_of(route, "dst")))
      return wrong("routes", "a list of routes with a range as dst");
    if (const std::string gateway = text_of(route, "gw"); !gateway.empty() && !spec::parse_ip(gateway))
      return wrong("routes[].gw", "an address");
  }
  return {};
}

/// Until 0.4.0 an address says its family beside itself.
void convert(Json& result, const std::string& version) {
  const bool says_family = !policies::cni_has(version, policies::CniCommand::check) || version == "0.4.0";
  result["cniVersion"] = version;
  if (!result.contains("ips") || result["ips"].is_null()) return;
  for (Json& ip : result["ips"]) {
    ip.erase("version");
    if (says_family) ip["version"] = spec::parse_prefix(text_of(ip, "address"))->address.v6 ? "6" : "4";
  }
}

/// The number of the pod's interface among the result's, if it has one.
std::optional<std::size_t> find_interface(const Json& result, const std::string& name) {
  const Json& interfaces = list_of(result, "interfaces");
  for (std::size_t i = 0; i < interfaces.size(); ++i)
    if (text_of(interfaces[i], "name") == name && !text_of(interfaces[i], "sandbox").empty()) return i;
  return std::nullopt;
}

void add_gateway(Attachment& attachment, const std::string& text) {
  const auto gateway = spec::parse_ip(text);
  if (gateway && std::ranges::find(attachment.gateways, *gateway) == attachment.gateways.end())
    attachment.gateways.push_back(*gateway);
}

}  // namespace

Result<Json> read_result(std::string_view text, const std::string& version) {
  auto result = parse_json(text);
  if (!result)
    return fail("its result is no JSON: " + result.error().message() + ": \"" + one_line(text, 100) + '"');
  if (!result->is_object()) return wrong("the whole", "a mapping");
  const std::string says = result->contains("cniVersion") ? text_of(*result, "cniVersion") : version;
  if (!policies::is_cni_version(says))
    return fail("its result has version \"" + one_line(says, 40) + "\", expected " + version);
  for (auto* check : {check_interfaces, check_ips, check_routes})
    if (auto good = check(*result); !good) return std::unexpected(good.error());
  convert(*result, version);
  return result;
}

Result<Attachment> attachment_of(const Json& result, const std::string& interface) {
  Attachment attachment{interface, {}, {}};
  const auto number = find_interface(result, interface);
  std::vector<std::string> gateways;
  for (const Json& ip : list_of(result, "ips")) {
    const Json index = ip.value("interface", Json());
    if (!index.is_null() && index != number.value_or(SIZE_MAX)) continue;
    attachment.addresses.push_back(*spec::parse_prefix(text_of(ip, "address")));
    gateways.push_back(text_of(ip, "gateway"));
  }
  if (attachment.addresses.empty()) return fail("the network's plugins gave no address for " + interface);
  for (const Json& route : list_of(result, "routes")) {
    if (spec::parse_prefix(text_of(route, "dst"))->length != 0) continue;
    if (const std::string gateway = text_of(route, "gw"); !gateway.empty())
      add_gateway(attachment, gateway);
    else
      for (const std::string& one : gateways) add_gateway(attachment, one);
  }
  return attachment;
}

Result<std::vector<std::string>> read_versions(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return fail("its answer to VERSION is no JSON: \"" + one_line(text, 100) + '"');
  std::vector<std::string> versions;
  if (json->is_object())
    for (const Json& version : list_of(*json, "supportedVersions"))
      if (version.is_string()) versions.push_back(one_line(version.get<std::string>(), 40));
  if (versions.empty()) return fail("its answer to VERSION names no versions");
  return versions;
}

}  // namespace podsd::network::cni
