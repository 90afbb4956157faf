// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/json.hpp"

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

std::string one_line(std::string_view text, std::size_t longest) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(std::min(begin, text.size()));
  const bool cut = text.size() > longest;
  std::string line(text.substr(0, longest));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = ' ';
  while (!line.empty() && line.back() == ' ') line.pop_back();
  // Written as JSON and read again: what is no UTF-8, a cut character too, is U+FFFD then.
  line = Json::parse(Json(line).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
  return cut ? line + "…" : line;
}

}  // namespace podsd::network::cni
