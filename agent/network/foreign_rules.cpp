// SPDX-License-Identifier: Apache-2.0
#include "agent/network/foreign_rules.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "policies/packet_rules.hpp"

namespace podsd::network {
namespace {

using Json = nlohmann::json;
using Way = policies::Barrier::Way;

const Json& at(const Json& object, const char* name) {
  static const Json none;
  const auto it = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && it != object.end() ? *it : none;
}

std::string text(const Json& object, const char* name) {
  const Json& value = at(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

/// The first packet of a connection, as far as it is known.
struct Packet {
  std::string from;  ///< interface; empty: some other one
  std::string to;
  bool led;  ///< by dnat

  [[nodiscard]] const std::string& bridge() const { return from.empty() ? to : from; }
};

enum class Answer { yes, no, unknown };

/// "pods0", "pods*", a set or a list of such.
bool names(const Json& value, const std::string& interface) {
  if (value.is_object()) return names(at(value, "set"), interface);
  if (value.is_array())
    return std::ranges::any_of(value, [&](const Json& one) { return names(one, interface); });
  if (!value.is_string()) return false;
  const auto& pattern = value.get_ref<const std::string&>();
  if (pattern.ends_with('*')) return interface.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == interface;
}

bool is_named_set(const Json& value) {
  return value.is_string() && value.get_ref<const std::string&>().starts_with('@');
}

/// Whether nothing but the bridge and loopback is meant.
bool means_only(const Json& value, const std::string& bridge) {
  if (value.is_object()) return means_only(at(value, "set"), bridge);
  if (value.is_array())
    return std::ranges::all_of(value, [&](const Json& one) { return means_only(one, bridge); });
  return names(value, bridge) || value == "lo";
}

/// Of an interface that is not known it is known that it is neither the bridge nor loopback.
Answer interface_matches(const Json& right, const std::string& interface, const std::string& bridge) {
  if (is_named_set(right)) return Answer::unknown;
  if (interface.empty()) return means_only(right, bridge) ? Answer::no : Answer::unknown;
  return names(right, interface) ? Answer::yes : Answer::no;
}

Answer opposite(Answer answer) {
  return answer == Answer::yes ? Answer::no : answer == Answer::no ? Answer::yes : answer;
}

Answer state_matches(const Json& right, const std::string& key, const Packet& packet) {
  if (key == "state") return names(right, "new") ? Answer::yes : Answer::no;
  return names(right, "dnat") && packet.led ? Answer::yes : Answer::no;
}

Answer matches(const Json& match, const Packet& packet) {
  const Json& left = at(match, "left");
  const std::string meta = text(at(left, "meta"), "key");
  const std::string ct = text(at(left, "ct"), "key");
  Answer answer = Answer::unknown;
  if (meta == "iifname" || meta == "iif")
    answer = interface_matches(at(match, "right"), packet.from, packet.bridge());
  else if (meta == "oifname" || meta == "oif")
    answer = interface_matches(at(match, "right"), packet.to, packet.bridge());
  else if (ct == "state" || ct == "status")
    answer = state_matches(at(match, "right"), ct, packet);
  else if (meta == "l4proto" || meta == "nfproto" || !text(at(left, "payload"), "protocol").empty())
    answer = text(at(left, "payload"), "field").ends_with("addr") || meta == "nfproto" ? Answer::unknown
                                                                                       : Answer::no;
  return text(match, "op") == "!=" ? opposite(answer) : answer;
}

struct Chain {
  Json about;
  std::vector<Json> rules;  ///< each the list of its expressions
};
using Chains = std::map<std::string, Chain>;  ///< of one table, by name

/// Goes through chains as a packet does.
class Walk {
 public:
  Walk(const Chains& chains, Packet packet) : chains_(chains), packet_(std::move(packet)) {}

  /// Whether the packet is dropped by a rule, or accepted by one; absent: no rule decides.
  [[nodiscard]] std::optional<bool> dropped(const std::string& chain, int depth = 0) const {
    const auto it = chains_.find(chain);
    if (it == chains_.end() || depth > 16) return std::nullopt;  // nf_tables has 16 levels of jumps
    for (const Json& rule : it->second.rules)
      if (const auto verdict = judge(rule, depth)) return verdict;
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<bool> judge(const Json& rule, int depth) const {
    bool sure = true;
    for (const Json& expression : rule) {
      if (const Json& match = at(expression, "match"); !match.is_null()) {
        const Answer answer = matches(match, packet_);
        if (answer == Answer::no) return std::nullopt;
        sure = sure && answer == Answer::yes;
      } else if (const Json& map = at(expression, "vmap"); !map.is_null()) {
        if (const auto verdict = look_up(map, depth)) return verdict;
      } else if (expression.contains("xt")) {
        sure = false;  // an extension of iptables-nft(8), which nft does not spell out
      } else if (const auto verdict = conclude(expression, sure, depth)) {
        return verdict;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<bool> conclude(const Json& statement, bool sure, int depth) const {
    if (statement.contains("accept")) return false;
    if (sure && (statement.contains("drop") || statement.contains("reject"))) return true;
    for (const char* way : {"jump", "goto"}) {
      const std::string target = text(at(statement, way), "target");
      if (target.empty()) continue;
      const auto verdict = dropped(target, depth + 1);
      if (verdict && (sure || !*verdict)) return verdict;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<bool> look_up(const Json& map, int depth) const {
    const std::string key = text(at(at(map, "key"), "meta"), "key");
    const std::string& interface = key.starts_with("iif") ? packet_.from : packet_.to;
    if (!key.starts_with("iif") && !key.starts_with("oif")) return std::nullopt;
    for (const Json& pair : at(at(map, "data"), "set"))
      if (pair.is_array() && pair.size() == 2 && names(pair[0], interface))
        return conclude(pair[1], true, depth);
    return std::nullopt;
  }

  const Chains& chains_;
  Packet packet_;
};

std::map<std::string, Chains> tables_of(const Json& ruleset) {
  std::map<std::string, Chains> tables;
  for (const Json& entry : at(ruleset, "nftables")) {
    for (const char* kind : {"chain", "rule"}) {
      const Json& object = at(entry, kind);
      if (object.is_null()) continue;
      Chains& chains = tables[text(object, "family") + " " + text(object, "table")];
      if (std::string(kind) == "chain")
        chains[text(object, "name")].about = object;
      else
        chains[text(object, "chain")].rules.push_back(at(object, "expr"));
    }
  }
  return tables;
}

}  // namespace

std::vector<policies::Barrier> foreign_barriers(const Json& ruleset, const std::string& bridge,
                                                bool bridged) {
  std::vector<policies::Barrier> out;
  for (const auto& [table, chains] : tables_of(ruleset)) {
    const bool layer3 = table.starts_with("ip ") || table.starts_with("ip6 ") || table.starts_with("inet ");
    if (!layer3 || table == std::string("inet ") + policies::packet_table) continue;
    for (const auto& [name, chain] : chains) {
      const std::string hook = text(chain.about, "hook");
      const bool by_policy = text(chain.about, "policy") == "drop";
      const auto pass = [&](Way way, Packet packet) {
        const auto verdict = Walk(chains, std::move(packet)).dropped(name);
        if (verdict.value_or(by_policy)) out.push_back({way, table, name, !verdict});
      };
      if (hook == "forward") {
        pass(Way::from_pods, {bridge, "", false});
        pass(Way::to_pods, {"", bridge, true});
        if (bridged) pass(Way::among_pods, {bridge, bridge, false});
      } else if (hook == "input") {
        pass(Way::to_host, {bridge, "", false});
      }
    }
  }
  return out;
}

}  // namespace podsd::network
