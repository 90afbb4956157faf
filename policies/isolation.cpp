// SPDX-License-Identifier: Apache-2.0
#include "policies/isolation.hpp"

#include <algorithm>

#include "spec/capabilities.hpp"

namespace podsd::policies {
namespace {

using Names = std::set<std::string, std::less<>>;

Names every_capability() {
  Names all;
  for (const std::string_view name : spec::capability_names) all.insert("CAP_" + std::string(name));
  return all;
}

bool has_all(const std::vector<std::string>& names) {
  return std::ranges::find(names, "ALL") != names.end();
}

}  // namespace

Names container_capabilities(const spec::SecurityContext& security) {
  if (security.privileged) return every_capability();
  Names held(default_capabilities.begin(), default_capabilities.end());
  if (has_all(security.add_capabilities)) held = every_capability();
  if (has_all(security.drop_capabilities)) held.clear();
  held.insert(security.add_capabilities.begin(), security.add_capabilities.end());
  held.erase("ALL");
  for (const std::string& name : security.drop_capabilities) held.erase(name);
  return held;
}

}  // namespace podsd::policies
