// SPDX-License-Identifier: Apache-2.0
// dnsPolicy, dnsConfig, hostAliases, hostname, subdomain and setHostnameAsFQDN, with the API server's checks.
#include <algorithm>

#include "spec/ip.hpp"
#include "spec/names.hpp"
#include "spec/read.hpp"

namespace podsd::spec {
namespace {

constexpr std::size_t max_nameservers = 3;
constexpr std::size_t max_searches = 32;
constexpr std::size_t max_search_characters = 2048;

std::string check_ip(std::string_view text) {
  return parse_ip(std::string(text)) ? "" : "an IPv4 or IPv6 address";
}

/// The API takes any text; resolv.conf(5) has words on a line.
std::string check_option(std::string_view text) {
  const bool word = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
  return word ? "" : "printable ASCII characters without white space";
}

/// The strings of a list, each held against `check`; the list itself must not be longer than `most`.
std::vector<std::string> read_texts(const Reader& list, std::string (*check)(std::string_view),
                                    std::size_t most) {
  std::vector<std::string> out;
  if (!list.present()) return out;
  for (std::size_t i = 0; i < list.node().items.size(); ++i) {
    const Reader item = list.item(i);
    if (!item.node().scalar()) continue;
    item.expect(check(item.node().text));
    out.push_back(item.node().text);
  }
  if (out.size() > most)
    list.error("found " + std::to_string(out.size()) + ", expected at most " + std::to_string(most));
  return out;
}

std::vector<std::string> read_searches(const Reader& list) {
  std::vector<std::string> searches = read_texts(list, check_search_domain, max_searches);
  std::size_t characters = searches.empty() ? 0 : searches.size() - 1;
  for (const std::string& search : searches) characters += search.size();
  if (characters > max_search_characters)
    list.error("found " + std::to_string(characters) +
               " characters with the spaces between, expected at most " +
               std::to_string(max_search_characters));
  return searches;
}

std::vector<DnsOption> read_options(const Reader& list) {
  std::vector<DnsOption> options;
  if (!list.present()) return options;
  for (std::size_t i = 0; i < list.node().items.size(); ++i) {
    const Reader item = list.item(i);
    if (item.node().kind != Node::Kind::mapping || !item.require("name", "the option's name")) continue;
    DnsOption option{item.text("name"), std::nullopt};
    const Reader name = item.field("name", Type::text);
    if (name.present()) name.expect(check_option(option.name));
    if (const Reader value = item.field("value", Type::text); value.present()) {
      value.expect(check_option(value.node().text));
      option.value = value.node().text;
    }
    options.push_back(std::move(option));
  }
  return options;
}

DnsConfig read_dns_config(const Reader& spec, DnsPolicy policy) {
  const Reader config = spec.field("dnsConfig", Type::object);
  DnsConfig dns;
  dns.nameservers = read_texts(config.field("nameservers", Type::texts), check_ip, max_nameservers);
  dns.searches = read_searches(config.field("searches", Type::texts));
  dns.options = read_options(config.field("options", Type::objects));
  if (policy == DnsPolicy::none && dns.nameservers.empty())
    spec.field("dnsPolicy", Type::text).error("found None, which needs dnsConfig.nameservers");
  return dns;
}

std::vector<HostAlias> read_host_aliases(const Reader& list) {
  std::vector<HostAlias> aliases;
  if (!list.present()) return aliases;
  for (std::size_t i = 0; i < list.node().items.size(); ++i) {
    const Reader item = list.item(i);
    if (item.node().kind != Node::Kind::mapping || !item.require("ip", "an address")) continue;
    const Reader ip = item.field("ip", Type::text);
    if (ip.present()) ip.expect(check_ip(ip.node().text));
    aliases.push_back(
        {item.text("ip"), read_texts(item.field("hostnames", Type::texts), check_subdomain, SIZE_MAX)});
  }
  return aliases;
}

std::string read_label(const Reader& spec, std::string_view name) {
  const Reader field = spec.field(name, Type::text);
  if (!field.present() || field.node().text.empty()) return "";
  field.expect(check_label(field.node().text));
  return field.node().text;
}

}  // namespace

void read_names(const Reader& spec, Pod& pod) {
  static constexpr std::pair<std::string_view, DnsPolicy> policies[] = {
      {"ClusterFirst", DnsPolicy::cluster_first},
      {"ClusterFirstWithHostNet", DnsPolicy::cluster_first_with_host_net},
      {"Default", DnsPolicy::host},
      {"None", DnsPolicy::none}};
  PodNames& names = pod.names;
  names.policy = read_choice(spec.field("dnsPolicy", Type::text), policies, DnsPolicy::cluster_first);
  names.dns = read_dns_config(spec, names.policy);
  names.host_aliases = read_host_aliases(spec.field("hostAliases", Type::objects));
  names.hostname = read_label(spec, "hostname");
  names.subdomain = read_label(spec, "subdomain");
  names.hostname_as_fqdn = spec.flag("setHostnameAsFQDN", false);
  if (pod.host_network || nodename(pod).size() <= nodename_bytes) return;
  spec.field("setHostnameAsFQDN", Type::boolean)
      .error("the FQDN " + nodename(pod) + " has " + std::to_string(nodename(pod).size()) +
             " characters, expected at most " + std::to_string(nodename_bytes));
}

}  // namespace podsd::spec
