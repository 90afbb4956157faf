// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/json.hpp"

#include "agent/one_line.hpp"

namespace podsd::network::cni {
namespace {

constexpr int deepest = 64;

int depth_of(std::string_view text) {
  int depth = 0, most = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '{' || c == '['))
      most = std::max(most, ++depth);
    else if (!quoted && (c == '}' || c == ']'))
      --depth;
  }
  return most;
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
  if (depth_of(text) > deepest) return fail("more than 64 levels");
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    // Its message begins with a number of nlohmann's own in brackets.
    const std::string what = error.what();
    const auto end = what.find("] ");
    return fail(one_line(end == std::string::npos ? what : what.substr(end + 2)));
  }
}

}  // namespace podsd::network::cni
