// SPDX-License-Identifier: Apache-2.0
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "agent/runtime/json_node.hpp"
#include "agent/runtime/scheduling.hpp"

namespace podsd::runtime {
namespace {

constexpr unsigned word_bits = 8 * sizeof(unsigned long);
constexpr unsigned max_cpus = 8192;   // the kernel's largest CONFIG_NR_CPUS
constexpr unsigned max_nodes = 1024;  // 1 << CONFIG_NODES_SHIFT

struct Word {
  std::string_view name;
  std::uint64_t value;
};

constexpr Word policies[] = {
    {"SCHED_OTHER", SCHED_NORMAL},     {"SCHED_FIFO", SCHED_FIFO}, {"SCHED_RR", SCHED_RR},
    {"SCHED_BATCH", SCHED_BATCH},      {"SCHED_ISO", 4},           {"SCHED_IDLE", SCHED_IDLE},
    {"SCHED_DEADLINE", SCHED_DEADLINE}};

constexpr Word scheduler_flags[] = {{"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
                                    {"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
                                    {"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
                                    {"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
                                    {"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
                                    {"SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
                                    {"SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX}};

constexpr Word io_classes[] = {{"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
                               {"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
                               {"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE}};

// WEIGHTED_INTERLEAVE is younger (Linux 6.9) than this C library's headers.
constexpr Word memory_modes[] = {{"MPOL_DEFAULT", MPOL_DEFAULT}, {"MPOL_PREFERRED", MPOL_PREFERRED},
                                 {"MPOL_BIND", MPOL_BIND},       {"MPOL_INTERLEAVE", MPOL_INTERLEAVE},
                                 {"MPOL_LOCAL", MPOL_LOCAL},     {"MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY},
                                 {"MPOL_WEIGHTED_INTERLEAVE", 6}};

constexpr Word memory_flags[] = {{"MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING},
                                 {"MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES},
                                 {"MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES}};

template <std::size_t N>
std::uint64_t word(const Node& node, const Word (&words)[N]) {
  std::string text = node.text();
  for (const auto& [name, value] : words)
    if (name == text) return value;
  node.complain(text.empty() ? "must not be empty" : "is not known: " + text);
  return 0;
}

std::uint64_t nanoseconds(const Node& node) {
  return node.present() ? node.unsigned_number() : 0;
}

bool read_number(std::string_view text, unsigned& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::vector<unsigned long> read_list(const Node& node, unsigned limit) {
  auto mask = parse_list(node.text(), limit);
  if (!mask) node.complain("must be a list of numbers such as 0-3,7");
  return mask.value_or(std::vector<unsigned long>());
}

}  // namespace

Scheduler read_scheduler(const Node& node) {
  Scheduler scheduler;
  scheduler.policy = static_cast<std::uint32_t>(word(node.at("policy"), policies));
  scheduler.nice = static_cast<std::int32_t>(node.at("nice").number(-20, 19));
  scheduler.priority = static_cast<std::uint32_t>(node.at("priority").number(0, 99));
  node.at("flags").each([&](const Node& flag) { scheduler.flags |= word(flag, scheduler_flags); });
  scheduler.runtime = nanoseconds(node.at("runtime"));
  scheduler.deadline = nanoseconds(node.at("deadline"));
  scheduler.period = nanoseconds(node.at("period"));
  return scheduler;
}

int read_io_priority(const Node& node) {
  int kind = static_cast<int>(word(node.at("class"), io_classes));
  return IOPRIO_PRIO_VALUE(kind, static_cast<int>(node.at("priority").number(0, 7)));
}

MemoryPolicy read_memory_policy(const Node& node) {
  MemoryPolicy policy;
  policy.mode = static_cast<int>(word(node.at("mode"), memory_modes));
  node.at("flags").each([&](const Node& flag) { policy.mode |= static_cast<int>(word(flag, memory_flags)); });
  if (Node nodes = node.at("nodes"); !nodes.blank()) policy.nodes = read_list(nodes, max_nodes);
  return policy;
}

std::optional<std::vector<unsigned long>> parse_list(const std::string& text, unsigned limit) {
  std::vector<unsigned long> mask;
  std::string_view rest = text;
  while (true) {
    auto comma = rest.find(',');
    std::string_view range = rest.substr(0, comma);
    auto dash = range.find('-');
    unsigned first = 0, last = 0;
    if (!read_number(range.substr(0, dash), first)) return std::nullopt;
    if (!read_number(dash == std::string_view::npos ? range : range.substr(dash + 1), last))
      return std::nullopt;
    if (first > last || last >= limit) return std::nullopt;
    mask.resize(std::max<std::size_t>(mask.size(), last / word_bits + 1));
    for (unsigned i = first; i <= last; ++i) mask[i / word_bits] |= 1UL << (i % word_bits);
    if (comma == std::string_view::npos) return mask;
    rest.remove_prefix(comma + 1);
  }
}

std::vector<unsigned long> read_cpus(const Node& node) {
  return node.blank() ? std::vector<unsigned long>() : read_list(node, max_cpus);
}

}  // namespace podsd::runtime
