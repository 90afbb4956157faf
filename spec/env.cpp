// SPDX-License-Identifier: Apache-2.0
#include "spec/env.hpp"

namespace podsd::spec {

std::string expand_references(std::string_view text,
                              const std::function<std::optional<std::string>(std::string_view)>& lookup) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    ++i;
    const std::size_t end = text[i] == '(' ? text.find(')', i) : std::string_view::npos;
    if (text[i] == '$') {
      out += '$';
    } else if (end == std::string_view::npos) {
      out += '$';
      out += text[i];
    } else {
      const std::string_view name = text.substr(i + 1, end - i - 1);
      const std::optional<std::string> value = lookup(name);
      out += value ? *value : std::string("$(") + std::string(name) + ")";
      i = end;
    }
  }
  return out;
}

}  // namespace podsd::spec
