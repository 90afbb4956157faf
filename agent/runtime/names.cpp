// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/names.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <iterator>

#include "spec/capabilities.hpp"

namespace podsd::runtime {
namespace {

struct Named {
  std::string_view name;
  std::uint64_t number;
};

constexpr Named rlimits[] = {{"RLIMIT_AS", RLIMIT_AS},
                             {"RLIMIT_CORE", RLIMIT_CORE},
                             {"RLIMIT_CPU", RLIMIT_CPU},
                             {"RLIMIT_DATA", RLIMIT_DATA},
                             {"RLIMIT_FSIZE", RLIMIT_FSIZE},
                             {"RLIMIT_LOCKS", RLIMIT_LOCKS},
                             {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
                             {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
                             {"RLIMIT_NICE", RLIMIT_NICE},
                             {"RLIMIT_NOFILE", RLIMIT_NOFILE},
                             {"RLIMIT_NPROC", RLIMIT_NPROC},
                             {"RLIMIT_RSS", RLIMIT_RSS},
                             {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
                             {"RLIMIT_RTTIME", RLIMIT_RTTIME},
                             {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
                             {"RLIMIT_STACK", RLIMIT_STACK}};

constexpr Named namespaces[] = {{"pid", CLONE_NEWPID},   {"mount", CLONE_NEWNS}, {"network", CLONE_NEWNET},
                                {"ipc", CLONE_NEWIPC},   {"uts", CLONE_NEWUTS},  {"cgroup", CLONE_NEWCGROUP},
                                {"user", CLONE_NEWUSER}, {"time", CLONE_NEWTIME}};

std::optional<std::uint64_t> find(const auto& table, std::string_view name) {
  auto found = std::ranges::find(table, name, &Named::name);
  if (found == std::end(table)) return std::nullopt;
  return found->number;
}

}  // namespace

std::optional<int> capability_number(std::string_view name) {
  if (!name.starts_with("CAP_")) return std::nullopt;
  auto found = std::ranges::find(spec::capability_names, name.substr(4));
  if (found == std::end(spec::capability_names)) return std::nullopt;
  return static_cast<int>(found - std::begin(spec::capability_names));
}

std::vector<std::string> capability_names(std::uint64_t set) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::size(spec::capability_names); ++i)
    if ((set >> i & 1) != 0) names.push_back("CAP_" + std::string(spec::capability_names[i]));
  return names;
}

std::vector<std::string> namespace_names() {
  std::vector<std::string> names;
  for (const auto& ns : namespaces) names.emplace_back(ns.name);
  return names;
}

std::optional<int> rlimit_number(std::string_view name) {
  auto number = find(rlimits, name);
  if (!number) return std::nullopt;
  return static_cast<int>(*number);
}

std::optional<std::uint64_t> namespace_flag(std::string_view type) {
  return find(namespaces, type);
}

}  // namespace podsd::runtime
