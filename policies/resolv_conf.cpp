// SPDX-License-Identifier: Apache-2.0
#include "policies/resolv_conf.hpp"

#include <algorithm>

namespace podsd::policies {
namespace {

constexpr std::size_t max_nameservers = 3;
constexpr std::size_t max_searches = 32;
constexpr std::size_t max_search_characters = 2048;
constexpr std::size_t max_search_bytes = 255;  // of one

using Words = std::vector<std::string>;

Words words_of(std::string_view line) {
  Words words;
  for (std::size_t at = 0;;) {
    at = line.find_first_not_of(" \t\r", at);
    if (at == std::string_view::npos) return words;
    const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    words.emplace_back(line.substr(at, end - at));
    at = end;
  }
}

void add_new(Words& to, const Words& from) {
  for (const std::string& word : from)
    if (std::ranges::find(to, word) == to.end()) to.push_back(word);
}

bool all_loopback(const Words& nameservers) {
  return std::ranges::all_of(nameservers,
                             [](const std::string& n) { return n.starts_with("127.") || n == "::1"; });
}

std::string_view option_name(std::string_view option) {
  return option.substr(0, option.find(':'));
}

/// Of one option the newer value counts, at the older one's place.
void merge_options(Words& options, const std::vector<spec::DnsOption>& more) {
  for (const spec::DnsOption& option : more) {
    std::string word = option.name + (option.value && !option.value->empty() ? ":" + *option.value : "");
    const auto old = std::ranges::find(options, std::string_view(option.name), option_name);
    if (old == options.end())
      options.push_back(std::move(word));
    else
      *old = std::move(word);
  }
}

/// The namespace's pods first, then what a pod in a cluster would search.
Words node_searches(const std::string& ns) {
  const std::string services = std::string("svc.") + spec::cluster_domain;
  return {ns + ".pod", "pod", ns + "." + services, services, spec::cluster_domain};
}

bool is_none(const spec::PodNames& names) {
  return names.policy == spec::DnsPolicy::none;
}

bool asks_node(const spec::PodNames& names, const ResolverFacts& facts) {
  if (facts.of_this_node.empty()) return false;
  return names.policy == spec::DnsPolicy::cluster_first_with_host_net ||
         (names.policy == spec::DnsPolicy::cluster_first && !facts.host_network);
}

bool is_of_node(const std::string& nameserver, const ResolverFacts& facts) {
  return std::ranges::find(facts.of_this_node, nameserver) != facts.of_this_node.end();
}

void leave_out(std::string& list, const std::string& word) {
  list += (list.empty() ? "" : " ") + word;
}

void fit(PodResolver& resolver) {
  ResolvConf& conf = resolver.conf;
  while (conf.nameservers.size() > max_nameservers) {
    leave_out(resolver.left_out, conf.nameservers.back());
    conf.nameservers.pop_back();
  }
  Words fitting;
  std::size_t characters = 0;
  for (const std::string& search : conf.searches) {
    const std::size_t more = search.size() + (fitting.empty() ? 0 : 1);
    const bool fits = search.size() <= max_search_bytes && fitting.size() < max_searches &&
                      characters + more <= max_search_characters;
    if (!fits) {
      leave_out(resolver.left_out, search);
      continue;
    }
    characters += more;
    fitting.push_back(search);
  }
  conf.searches = std::move(fitting);
}

std::string line_of(const char* keyword, const Words& words) {
  if (words.empty()) return "";
  std::string line = keyword;
  for (const std::string& word : words) line += " " + word;
  return line + "\n";
}

}  // namespace

ResolvConf read_resolv_conf(std::string_view text) {
  ResolvConf conf;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    Words words = words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.size() < 2 || words[0].starts_with('#') || words[0].starts_with(';')) continue;
    const std::string keyword = words[0];
    words.erase(words.begin());
    if (keyword == "nameserver") add_new(conf.nameservers, {words[0]});
    if (keyword == "search") conf.searches = words;
    if (keyword == "domain") conf.searches = {words[0]};
    if (keyword == "options") add_new(conf.options, words);
  }
  return conf;
}

ResolvConf reachable_resolver(std::string_view text, std::string_view uplinks) {
  ResolvConf conf = read_resolv_conf(text);
  if (!all_loopback(conf.nameservers)) return conf;
  ResolvConf other = read_resolv_conf(uplinks);
  return other.nameservers.empty() ? conf : other;
}

PodResolver pod_resolver(const spec::PodNames& names, const ResolverFacts& facts) {
  PodResolver resolver;
  ResolvConf& conf = resolver.conf;
  if (!is_none(names)) conf = facts.host;
  // systemd-resolved's list has the stub of the pods' bridge, too.
  if (std::ranges::any_of(conf.nameservers, [&](const std::string& n) { return !is_of_node(n, facts); }))
    std::erase_if(conf.nameservers, [&](const std::string& n) { return is_of_node(n, facts); });
  if (asks_node(names, facts)) {
    conf.nameservers = facts.of_this_node;
    conf.searches = node_searches(facts.ns);
    add_new(conf.searches, facts.host.searches);
    conf.options = {"ndots:5"};
  }
  add_new(conf.nameservers, names.dns.nameservers);
  add_new(conf.searches, names.dns.searches);
  merge_options(conf.options, names.dns.options);
  fit(resolver);
  return resolver;
}

std::string resolv_conf_text(const ResolvConf& conf) {
  std::string text = line_of("search", conf.searches);
  for (const std::string& nameserver : conf.nameservers) text += "nameserver " + nameserver + "\n";
  return text + line_of("options", conf.options);
}

}  // namespace podsd::policies
