// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/filters.hpp"

#include "agent/runtime/seccomp.hpp"

namespace podsd::engine {
namespace {

// Profiles of type Localhost come and go; forgetting what is known only has a filter looked up again.
constexpr std::size_t most_known = 64;

}  // namespace

void Filters::prepare(const nlohmann::ordered_json& seccomp) {
  std::string written = seccomp.dump();
  if (known_.contains(written)) return;
  // In the form that the runtime compares: members in the order of their names.
  if (!runtime::seccomp_filter(nlohmann::json::parse(written).dump(), folder_)) return;
  if (known_.size() >= most_known) known_.clear();
  known_.insert(std::move(written));
}

}  // namespace podsd::engine
