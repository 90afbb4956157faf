// SPDX-License-Identifier: Apache-2.0
#include "units/plan.hpp"

#include <algorithm>

#include "units/names.hpp"

namespace podsd::units {
namespace {

using policies::CgroupValues;

/// systemd counts CPU time per second, cgroup v2 per period of 100 ms.
constexpr std::uint64_t periods_per_second = 10;

/// PID 1 waits this much longer than the pod's grace period before it kills on its own: the agent is to be
/// first.
constexpr std::uint64_t stop_margin_usec = 10'000'000;

std::vector<Property> resource_properties(const CgroupValues& v, std::uint64_t pids) {
  // Every value is always given, so that an edit which drops a limit lifts it on the living unit.
  return {
      {"CPUWeight", v.cpu_weight.value_or(1)},
      {"CPUQuotaPerSecUSec", v.cpu_quota_usec ? *v.cpu_quota_usec * periods_per_second : unlimited},
      {"MemoryMax", v.memory_max.value_or(unlimited)},
      {"MemoryHigh", v.memory_high.value_or(unlimited)},
      {"MemorySwapMax", std::uint64_t{0}},
      {"TasksMax", pids},
  };
}

void append(std::vector<Property>& to, std::vector<Property> more) {
  std::ranges::move(more, std::back_inserter(to));
}

std::string label(const spec::Pod& pod) {
  return pod.ns == "default" ? pod.name : pod.ns + "/" + pod.name;
}

UnitPlan slice_plan(const spec::Pod& pod, const NodeFacts& node) {
  UnitPlan unit{pod_slice(pod.ns, pod.name), {{"Description", "Pod " + label(pod)}}};
  unit.properties.push_back({"Documentation", std::vector<std::string>{"man:systemd.slice(5)"}});
  unit.properties.push_back({"CPUAccounting", true});
  unit.properties.push_back({"MemoryAccounting", true});
  unit.properties.push_back({"TasksAccounting", true});
  unit.properties.push_back({"IPAccounting", true});  // of all below, by the cgroup of each socket
  append(unit.properties, resource_properties(policies::pod_values(pod), node.pod_pids_limit));
  return unit;
}

/// Properties that every scope of a pod shares.
UnitPlan scope_plan(std::string name, std::string description, const spec::Pod& pod, const NodeFacts& node,
                    std::vector<std::string> after) {
  UnitPlan unit{std::move(name), {{"Description", std::move(description)}}};
  unit.properties.push_back({"Documentation", std::vector<std::string>{"man:systemd.scope(5)"}});
  unit.properties.push_back({"Slice", pod_slice(pod.ns, pod.name)});
  unit.properties.push_back({"After", std::move(after)});
  unit.properties.push_back({"AddRef", true});
  if (!node.bus_name.empty()) unit.properties.push_back({"Controller", node.bus_name});
  return unit;
}

std::uint64_t stop_timeout(const spec::Pod& pod) {
  return static_cast<std::uint64_t>(grace_usec(pod)) + stop_margin_usec;
}

UnitPlan sandbox_plan(const spec::Pod& pod, const NodeFacts& node) {
  UnitPlan unit = scope_plan(sandbox_scope(pod.ns, pod.name), "Sandbox of pod " + label(pod), pod, node,
                             {"podsd.service"});
  // The agent ends the containers first, one grace period at most, and the sandbox after them.
  unit.properties.push_back({"TimeoutStopUSec", stop_timeout(pod) + stop_margin_usec});
  return unit;
}

/// Beside the pseudo devices that "closed" allows (null, zero, full, random, urandom): terminals, and making
/// device files, which does not open what they stand for.
std::vector<Property> device_policy() {
  return {
      {"DevicePolicy", std::string("closed")},
      {"DeviceAllow",
       DeviceRules{
           {"char-pts", "rw"}, {"/dev/tty", "rw"}, {"/dev/ptmx", "rw"}, {"char-*", "m"}, {"block-*", "m"}}}};
}

ContainerPlan container_plan(const spec::Pod& pod, const spec::Container& c, bool init,
                             const NodeFacts& node) {
  ContainerPlan plan{c.name, init, {}, 0};
  plan.scope =
      scope_plan(container_scope(pod.ns, pod.name, c.name), "Container " + c.name + " of pod " + label(pod),
                 pod, node, {sandbox_scope(pod.ns, pod.name), "podsd.service"});
  plan.scope.properties.push_back({"TimeoutStopUSec", stop_timeout(pod)});
  // "kill" sets memory.oom.group, so that a container dies as a whole, and Result=oom-kill as a witness.
  plan.scope.properties.push_back({"OOMPolicy", std::string("kill")});
  append(plan.scope.properties,
         resource_properties(policies::container_values(c.resources, node.memory), node.pod_pids_limit));
  if (!c.security.privileged) append(plan.scope.properties, device_policy());
  plan.oom_score_adj =
      std::max(policies::oom_score_adj(pod, c, node.memory_capacity), node.oom_score_adj_min);
  return plan;
}

std::vector<std::string> find_warnings(const spec::Pod& pod, const NodeFacts& node) {
  bool cpu = false;
  bool memory = false;
  bool lower_oom = false;
  for (const auto* list : {&pod.init_containers, &pod.containers})
    for (const spec::Container& c : *list) {
      cpu = cpu || c.resources.limits.cpu_milli || c.resources.requests.cpu_milli;
      memory = memory || c.resources.limits.memory_bytes;
      lower_oom = lower_oom || policies::oom_score_adj(pod, c, node.memory_capacity) < node.oom_score_adj_min;
    }
  std::vector<std::string> warnings;
  const auto missing = [&](const char* controller) { return !node.controllers.contains(controller); };
  if (cpu && missing("cpu"))
    warnings.emplace_back("cpu requests and limits do not bind: no cpu controller on this host");
  if (memory && missing("memory"))
    warnings.emplace_back("memory limits do not bind: no memory controller on this host");
  if (missing("pids")) warnings.emplace_back("pids limit does not bind: no pids controller on this host");
  if (lower_oom)
    warnings.emplace_back("oom_score_adj is not lowered: CAP_SYS_RESOURCE is missing on this host");
  return warnings;
}

/// A property's value in the words of systemctl show.
struct Text {
  std::string operator()(bool b) const { return b ? "yes" : "no"; }
  std::string operator()(std::uint32_t n) const { return std::to_string(n); }
  std::string operator()(std::uint8_t n) const { return std::to_string(n); }
  std::string operator()(std::uint64_t n) const { return n == unlimited ? "infinity" : std::to_string(n); }
  std::string operator()(const std::string& s) const { return s; }
  std::string operator()(const std::pair<std::string, std::string>& rule) const {
    return rule.first + " " + rule.second;
  }
  template <typename T>
  std::string operator()(const std::vector<T>& list) const {
    std::string out;
    for (const T& item : list) out += (out.empty() ? "" : " ") + (*this)(item);
    return out;
  }
};

}  // namespace

std::int64_t grace_usec(const spec::Pod& pod) {
  constexpr std::int64_t longest_seconds = 1'000'000'000;
  return std::clamp<std::int64_t>(pod.termination_grace_period_seconds, 0, longest_seconds) * 1'000'000;
}

Plan make_plan(const spec::Pod& pod, const NodeFacts& node) {
  Plan plan{slice_plan(pod, node), sandbox_plan(pod, node), {}, find_warnings(pod, node)};
  for (const spec::Container& c : pod.init_containers)
    plan.containers.push_back(container_plan(pod, c, true, node));
  for (const spec::Container& c : pod.containers)
    plan.containers.push_back(container_plan(pod, c, false, node));
  return plan;
}

std::vector<Property> live_properties(const UnitPlan& unit) {
  static const std::set<std::string> live{"CPUWeight",  "CPUQuotaPerSecUSec", "MemoryMax",
                                          "MemoryHigh", "MemorySwapMax",      "TasksMax"};
  std::vector<Property> out;
  std::ranges::copy_if(unit.properties, std::back_inserter(out),
                       [](const Property& p) { return live.contains(p.name); });
  return out;
}

std::string to_string(const Property& property) {
  return property.name + "=" + std::visit(Text{}, property.value);
}

}  // namespace podsd::units
