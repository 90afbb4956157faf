// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/cgroup_target.hpp"

#include <algorithm>
#include <string_view>

namespace podsd::runtime {
namespace {

constexpr std::size_t max_unit_name = 255;  // systemd's UNIT_NAME_MAX
constexpr const char* field = "linux.cgroupsPath";

// One slash before each component, none at the end.
Result<std::string> clean(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    auto end = std::min(path.find('/'), path.size());
    std::string_view component = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (component == "..") return fail(field, "must not hold \"..\"");
    if (!component.empty() && component != ".") out += "/" + std::string(component);
  }
  if (out.empty()) return fail(field, "must not be the root of all cgroups");
  return out;
}

// systemd.unit(5): letters, digits and :-_.\ make a unit's name. An id may have a "+".
bool valid_unit(std::string_view name, std::string_view suffix) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":-_.\\@").find(c) != std::string_view::npos;
  };
  return name.size() > suffix.size() && name.size() <= max_unit_name && name.ends_with(suffix) &&
         std::ranges::all_of(name, allowed);
}

// systemd.slice(5): "a-b.slice" lies in "a.slice", so no part between dashes is empty. "-.slice" is the root.
bool valid_slice(const std::string& name) {
  std::string_view stem = std::string_view(name).substr(0, name.rfind('.'));
  return name == "-.slice" || (valid_unit(name, ".slice") && !stem.starts_with('-') && !stem.ends_with('-') &&
                               stem.find("--") == std::string_view::npos);
}

std::string escaped(const std::string& id) {
  std::string name;
  for (char c : id) name += c == '+' ? "\\x2b" : std::string(1, c);
  return name;
}

Result<CgroupTarget> scope_target(const std::string& path, const std::string& id, bool is_root) {
  CgroupTarget target;
  if (path.empty()) {
    target.scope = "podsd-runtime-" + escaped(id) + ".scope";
  } else {
    auto first = path.find(':'), last = path.rfind(':');
    if (first == std::string::npos || last == first || path.find(':', first + 1) != last)
      return fail(field, "with systemd it must be SLICE:PREFIX:NAME, not " + path);
    target.slice = path.substr(0, first);
    std::string prefix = path.substr(first + 1, last - first - 1), name = path.substr(last + 1);
    target.scope = (prefix.empty() ? "" : prefix + "-") + name + ".scope";
    if (name.empty()) target.scope.clear();
  }
  if (target.slice.empty()) target.slice = is_root ? "system.slice" : "user.slice";
  if (target.slice == "-") target.slice = "-.slice";
  if (!valid_slice(target.slice)) return fail(field, "no name of a slice: " + target.slice);
  if (!valid_unit(target.scope, ".scope")) return fail(field, "no name of a scope: " + target.scope);
  return target;
}

}  // namespace

Result<CgroupTarget> cgroup_target(const std::string& cgroups_path, bool systemd, bool has_resources,
                                   const std::string& id, const std::string& own, bool is_root) {
  if (systemd) return scope_target(cgroups_path, id, is_root);
  if (cgroups_path.empty() && !has_resources) return CgroupTarget{};
  std::string path = cgroups_path.empty() ? id : cgroups_path;
  if (!path.starts_with('/')) path = own.substr(0, own.rfind('/')) + "/" + path;
  auto cleaned = clean(path);
  if (!cleaned) return std::unexpected(cleaned.error());
  return CgroupTarget{std::move(*cleaned), {}, {}};
}

}  // namespace podsd::runtime
