// SPDX-License-Identifier: Apache-2.0
#include "agent/one_line.hpp"

#include <nlohmann/json.hpp>

namespace podsd {

std::string one_line(std::string_view text, std::size_t longest) {
  using Json = nlohmann::json;
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

}  // namespace podsd
