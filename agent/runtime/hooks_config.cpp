// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "agent/runtime/hooks.hpp"
#include "agent/runtime/json_node.hpp"

namespace podsd::runtime {
namespace {

struct Kind {
  const char* name;
  std::vector<Hook> Hooks::*list;
};

constexpr Kind kinds[] = {{"prestart", &Hooks::prestart},
                          {"createRuntime", &Hooks::create_runtime},
                          {"createContainer", &Hooks::create_container},
                          {"startContainer", &Hooks::start_container},
                          {"poststart", &Hooks::poststart},
                          {"poststop", &Hooks::poststop}};

Hook read_hook(const Node& node) {
  Hook hook{node.at("path").text(), node.at("args").texts(), node.at("env").texts(), 0};
  if (!hook.path.starts_with('/')) node.at("path").complain("must be an absolute path");
  if (Node timeout = node.at("timeout"); timeout.present())
    hook.timeout = static_cast<int>(timeout.number(1, INT32_MAX));
  return hook;
}

}  // namespace

Hooks read_hooks(const Node& node) {
  Hooks hooks;
  for (auto [name, list] : kinds)
    node.at(name).each([&](const Node& one) { (hooks.*list).push_back(read_hook(one)); });
  return hooks;
}

std::vector<std::string> hook_names() {
  std::vector<std::string> names;
  for (const auto& kind : kinds) names.emplace_back(kind.name);
  return names;
}

}  // namespace podsd::runtime
