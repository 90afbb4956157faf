// SPDX-License-Identifier: Apache-2.0
// What is wrong with a host's network as far as pods go, in words.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "spec/config.hpp"

namespace podsd::policies {

/// A place of the host's packet filter, not podsd's, where packets of pods end.
struct Barrier {
  enum class Way {
    from_pods,  ///< to other hosts
    to_pods,    ///< from other hosts, to a port of the host that leads to a pod
    to_host,    ///< from pods to this host
    among_pods  ///< from pod to pod, where br_netfilter hands bridged packets to it
  } way = Way::from_pods;
  std::string table;  ///< "inet filter"
  std::string chain;
  bool by_policy = false;  ///< or by a rule
  auto operator<=>(const Barrier&) const = default;
};

/// What there is. Facts that need a bridge are empty without one.
struct NetworkFacts {
  std::string bridge;
  bool pods = false;                ///< some pod has an address: bridge and rules have to be there
  std::vector<std::string> faults;  ///< what the provider itself says, as sentences
  bool bridge_there = false;
  bool bridge_up = false;
  std::set<spec::IpPrefix> missing;       ///< addresses that the bridge should have
  bool rules_there = false;               ///< podsd's table
  bool rules_asked = true;                ///< false: the packet filter could not be read
  std::set<std::string> not_forwarding4;  ///< links that pods' packets pass and that do not forward them
  std::set<std::string> not_forwarding6;
  std::vector<Barrier> barriers;
};

struct NetworkProblem {
  std::string what;    ///< one sentence
  std::string remedy;  ///< what to do, one sentence
  bool operator==(const NetworkProblem&) const = default;
};

/// Empty where nothing is wrong.
[[nodiscard]] std::vector<NetworkProblem> network_problems(const NetworkFacts& facts);

}  // namespace podsd::policies
