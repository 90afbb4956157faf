// SPDX-License-Identifier: Apache-2.0
#include "policies/network_check.hpp"

#include "policies/packet_rules.hpp"

namespace podsd::policies {
namespace {

constexpr const char* again = "systemctl restart podsd makes it again";

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void check_bridge(const NetworkFacts& facts, std::vector<NetworkProblem>& out) {
  if (!facts.bridge_there) return out.push_back({"the bridge " + facts.bridge + " is missing", again});
  if (!facts.bridge_up) out.push_back({"the bridge " + facts.bridge + " is down", again});
  for (const spec::IpPrefix& address : facts.missing)
    out.push_back({"the bridge " + facts.bridge + " has lost its address " + spec::to_string(address) +
                       ", the pods' gateway",
                   again});
}

void check_forwarding(const std::set<std::string>& links, const std::string& family,
                      std::vector<NetworkProblem>& out) {
  if (links.empty()) return;
  out.push_back({family + " forwarding is off for " + joined(links) + ": pods are cut off there",
                 "systemctl restart podsd switches it on"});
}

NetworkProblem barrier(const Barrier& b, const std::string& bridge) {
  const std::string where = "the packet filter's table " + b.table + ", chain " + b.chain + ", drops ";
  const std::string by = b.by_policy ? " by its policy" : " by a rule";
  const std::string add = "a rule such as `nft insert rule " + b.table + " " + b.chain + " ";
  switch (b.way) {
    case Barrier::Way::among_pods:
      return {where + "what pods send to each other" + by + ", as br_netfilter asks it about bridged packets",
              add + "iifname " + bridge + " accept` lets it through, in a place that lasts"};
    case Barrier::Way::from_pods:
      return {where + "what pods send to other hosts" + by,
              add + "iifname " + bridge + " accept` lets it through, in a place that lasts"};
    case Barrier::Way::to_pods:
      return {where + "what others send to pods' host ports" + by,
              add + "oifname " + bridge + " accept` lets it through, in a place that lasts"};
    case Barrier::Way::to_host:
      break;
  }
  return {where + "what pods send to this host" + by,
          add + "iifname " + bridge + " accept` lets it through, in a place that lasts"};
}

}  // namespace

std::vector<NetworkProblem> network_problems(const NetworkFacts& facts) {
  std::vector<NetworkProblem> out;
  for (const std::string& fault : facts.faults) out.push_back({fault, ""});
  if (facts.pods) check_bridge(facts, out);
  if (!facts.rules_asked)
    out.push_back({"the packet filter cannot be read", "the kernel needs nf_tables, and this command root"});
  else if (facts.pods && !facts.rules_there)
    out.push_back({std::string("the packet filter's table inet ") + packet_table + " is missing", again});
  check_forwarding(facts.not_forwarding4, "IPv4", out);
  check_forwarding(facts.not_forwarding6, "IPv6", out);
  for (const Barrier& b : facts.barriers) out.push_back(barrier(b, facts.bridge));
  return out;
}

}  // namespace podsd::policies
