// SPDX-License-Identifier: Apache-2.0
#include "policies/pod_names.hpp"

#include <algorithm>
#include <charconv>

#include "spec/pod_names.hpp"

namespace podsd::policies {
namespace {

using dns::Answer;

bool within(const spec::IpAddress& address, std::span<const spec::IpPrefix> ranges) {
  return std::ranges::any_of(ranges, [&](const spec::IpPrefix& range) {
    return overlap(range, {address, address.bits()});
  });
}

/// Takes ".`domain`" off the end of `name`; "" where it is the domain itself; absent where it is elsewhere.
std::optional<std::string_view> below(std::string_view name, std::string_view domain) {
  if (!name.ends_with(domain)) return std::nullopt;
  name.remove_suffix(domain.size());
  if (name.empty()) return name;
  if (!name.ends_with('.')) return std::nullopt;
  name.remove_suffix(1);
  return name;
}

/// Takes the last label off `name`.
std::string_view take_last(std::string_view& name) {
  const std::size_t dot = name.rfind('.');
  const std::string_view last = name.substr(dot == std::string_view::npos ? 0 : dot + 1);
  name = name.substr(0, dot == std::string_view::npos ? 0 : dot);
  return last;
}

/// One part of a reversed address: a number of the base, without leading zeros.
bool read_part(std::string_view text, int base, int most, int& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  const bool whole = error == std::errc() && stop == text.data() + text.size();
  return whole && value >= 0 && value <= most && (text.size() == 1 || text.front() != '0');
}

/// RFC 1035, section 3.5; RFC 3596, section 2.5
std::optional<spec::IpAddress> reversed_address(std::string_view name) {
  spec::IpAddress address;
  auto parts = below(name, "in-addr.arpa");
  if (!parts) {
    parts = below(name, "ip6.arpa");
    address.v6 = true;
  }
  if (!parts) return std::nullopt;
  const std::size_t count = address.v6 ? 32 : 4;
  for (std::size_t i = 0; i < count; ++i) {
    int value = 0;
    const std::string_view part = take_last(*parts);
    if (!read_part(part, address.v6 ? 16 : 10, address.v6 ? 15 : 255, value)) return std::nullopt;
    if (!address.v6)
      address.bytes[i] = static_cast<std::uint8_t>(value);
    else
      address.bytes[i / 2] = static_cast<std::uint8_t>(address.bytes[i / 2] << 4 | value);
  }
  return parts->empty() ? std::optional(address) : std::nullopt;
}

const NamedPod* pod_at(const spec::IpAddress& address, std::span<const NamedPod> pods) {
  const auto pod = std::ranges::find_if(
      pods, [&](const NamedPod& p) { return std::ranges::find(p.addresses, address) != p.addresses.end(); });
  return pod == pods.end() ? nullptr : &*pod;
}

const NamedPod* pod_named(std::string_view ns, std::string_view name, std::span<const NamedPod> pods) {
  const auto pod =
      std::ranges::find_if(pods, [&](const NamedPod& p) { return p.ns == ns && p.name == name; });
  return pod == pods.end() ? nullptr : &*pod;
}

void add_addresses(Answer& answer, const dns::Query& query, const NamedPod& pod) {
  for (const spec::IpAddress& address : pod.addresses)
    if (query.type == dns::any || query.type == (address.v6 ? dns::aaaa : dns::a))
      answer.addresses.push_back(address);
}

Answer pod_answer(const dns::Query& query, const NamedPod* pod) {
  Answer answer;
  if (pod == nullptr)
    answer.rcode = dns::no_such_name;
  else
    add_addresses(answer, query, *pod);
  return answer;
}

/// `name` is POD.NAMESPACE; a pod's name may have dots. Namespaces and the domain itself have no addresses.
Answer below_pod(const dns::Query& query, std::string_view name, std::span<const NamedPod> pods) {
  const std::string_view ns = take_last(name);
  const bool known = ns.empty() || std::ranges::find(pods, ns, &NamedPod::ns) != pods.end();
  if (name.empty()) return {known ? dns::no_error : dns::no_such_name, {}, "", true};
  return pod_answer(query, pod_named(ns, name, pods));
}

/// `name` is [HOSTNAME.]SUBDOMAIN.NAMESPACE.
Answer below_cluster(const dns::Query& query, std::string_view name, std::span<const NamedPod> pods) {
  Answer answer{dns::no_such_name, {}, "", true};
  if (take_last(name) != "svc") return answer;
  const std::string_view ns = take_last(name);
  const std::string_view subdomain = take_last(name);
  if (subdomain.empty()) return answer;
  for (const NamedPod& pod : pods) {
    if (pod.ns != ns || pod.subdomain != subdomain || (!name.empty() && pod.hostname != name)) continue;
    answer.rcode = dns::no_error;
    add_addresses(answer, query, pod);
  }
  return answer;
}

std::optional<Answer> reverse_answer(const dns::Query& query, std::span<const NamedPod> pods,
                                     std::span<const spec::IpPrefix> ranges) {
  const auto address = reversed_address(query.name);
  if (!address || !within(*address, ranges)) return std::nullopt;
  const NamedPod* pod = pod_at(*address, pods);
  if (pod == nullptr) return Answer{dns::no_such_name, {}, "", true};
  const bool asked = query.type == dns::ptr || query.type == dns::any;
  return Answer{dns::no_error, {}, asked ? pod->name + "." + pod->ns + ".pod" : "", true};
}

}  // namespace

std::optional<Answer> node_answer(const dns::Query& query, const spec::IpAddress& asker,
                                  std::span<const NamedPod> pods, std::span<const spec::IpPrefix> ranges) {
  if (query.cls != dns::class_in) return std::nullopt;
  if (const auto name = below(query.name, "pod")) return below_pod(query, *name, pods);
  if (const auto name = below(query.name, spec::cluster_domain)) return below_cluster(query, *name, pods);
  if (query.name.find('.') != std::string::npos) return reverse_answer(query, pods, ranges);
  const NamedPod* from = pod_at(asker, pods);
  const NamedPod* pod = from != nullptr ? pod_named(from->ns, query.name, pods) : nullptr;
  return pod != nullptr ? std::optional(pod_answer(query, pod)) : std::nullopt;
}

}  // namespace podsd::policies
