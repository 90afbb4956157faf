// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "spec/env.hpp"

namespace podsd::spec {

BOOST_AUTO_TEST_CASE(references) {
  const auto lookup = [](std::string_view name) -> std::optional<std::string> {
    if (name == "A") return "1";
    if (name == "B") return "$(A)";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"plain", "plain"},
      {"$(A)", "1"},
      {"x$(A)y$(A)z", "x1y1z"},
      {"$(B)", "$(A)"},  // values are not expanded again
      {"[$(EMPTY)]", "[]"},
      {"$(UNKNOWN)", "$(UNKNOWN)"},
      {"$()", "$()"},
      {"$$(A)", "$(A)"},
      {"$$$(A)", "$1"},
      {"$$$$(A)", "$$(A)"},
      {"$$", "$"},
      {"$", "$"},
      {"a$", "a$"},
      {"$A ${A} $x", "$A ${A} $x"},
      {"$(A", "$(A"},
      {"$(A$(A)", "$(A$(A)"},
      {"$(A)$(", "1$("},
  };
  for (const auto& [text, expected] : cases) BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(expand_references(text, lookup) == expected);
    }
}

}  // namespace podsd::spec
