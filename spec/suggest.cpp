// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "spec/check.hpp"

namespace podsd::spec {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr std::size_t longest_name = 64;  // the API's longest field name has 47 bytes

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char x = lower(a[i - 1]);
      const char y = lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (x == y ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y;
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string suggestion(std::string_view name, const ObjectRule& rule) {
  if (name.empty() || name.size() > longest_name) return "";
  std::size_t best = name.size() / 3 + 2;
  std::string_view nearest;
  for (const FieldRule& field : rule.fields) {
    const std::size_t distance = edit_distance(name, field.name);
    if (distance >= best || distance >= field.name.size()) continue;
    best = distance;
    nearest = field.name;
  }
  return nearest.empty() ? "" : ", did you mean \"" + std::string(nearest) + "\"?";
}

}  // namespace podsd::spec
