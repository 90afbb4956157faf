// SPDX-License-Identifier: Apache-2.0
// Profiles as container engines ship them: the OCI form, with conditions.
#include <algorithm>
#include <charconv>

#include "agent/engine/seccomp.hpp"

namespace podsd::engine {
namespace {

using Json = nlohmann::ordered_json;
using Names = std::set<std::string, std::less<>>;

struct Here {
  const Names& capabilities;
  const std::string& machine;
  const std::string& kernel;
};

std::pair<int, int> version_of(const std::string& text) {
  int major = 0, minor = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, major);
  if (error == std::errc() && stop != end && *stop == '.') std::from_chars(stop + 1, end, minor);
  return {major, minor};
}

std::vector<std::string> texts(const Json& object, const char* key) {
  std::vector<std::string> out;
  if (!object.is_object() || !object.contains(key) || !object[key].is_array()) return out;
  for (const Json& one : object[key])
    if (one.is_string()) out.push_back(one.get<std::string>());
  return out;
}

bool has_kernel(const Json& condition, const Here& here) {
  return condition.is_object() && condition.contains("minKernel") && condition["minKernel"].is_string() &&
         version_of(here.kernel) < version_of(condition["minKernel"].get<std::string>());
}

// All that `includes` names must hold: every capability, one of the machines, the kernel.
bool included(const Json& rule, const Here& here) {
  if (!rule.contains("includes")) return true;
  const Json& condition = rule["includes"];
  for (const auto& name : texts(condition, "caps"))
    if (!here.capabilities.contains(name)) return false;
  const auto machines = texts(condition, "arches");
  if (!machines.empty() && std::ranges::find(machines, here.machine) == machines.end()) return false;
  return !has_kernel(condition, here);
}

// One that `excludes` names is enough.
bool excluded(const Json& rule, const Here& here) {
  if (!rule.contains("excludes")) return false;
  const Json& condition = rule["excludes"];
  for (const auto& name : texts(condition, "caps"))
    if (here.capabilities.contains(name)) return true;
  const auto machines = texts(condition, "arches");
  if (std::ranges::find(machines, here.machine) != machines.end()) return true;
  return condition.is_object() && condition.contains("minKernel") && !has_kernel(condition, here);
}

Json plain_rule(const Json& rule) {
  Json out{{"names", texts(rule, "names")}};
  // The oldest profiles have one name per rule.
  if (rule.contains("name") && rule["name"].is_string()) out["names"].push_back(rule["name"]);
  for (const char* key : {"action", "errnoRet", "args"})
    if (rule.contains(key) && !rule[key].is_null()) out[key] = rule[key];
  return out;
}

}  // namespace

Result<Json> resolve_profile(const Json& profile, const Names& capabilities, const std::string& machine,
                             const std::string& kernel) {
  const Here here{capabilities, machine, kernel};
  Json out = Json::object();
  for (const char* key :
       {"defaultAction", "defaultErrnoRet", "architectures", "flags", "listenerPath", "listenerMetadata"})
    if (profile.contains(key) && !profile[key].is_null()) out[key] = profile[key];
  out["syscalls"] = Json::array();
  if (!profile.contains("syscalls")) return out;
  if (!profile["syscalls"].is_array()) return fail("must be a list", "syscalls");
  for (const Json& rule : profile["syscalls"]) {
    if (!rule.is_object()) return fail("must be a list of objects", "syscalls");
    if (included(rule, here) && !excluded(rule, here)) out["syscalls"].push_back(plain_rule(rule));
  }
  return out;
}

}  // namespace podsd::engine
