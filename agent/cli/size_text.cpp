// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/size_text.hpp"

#include <array>
#include <cstdio>

namespace podsd::cli {

std::string size_text(std::uint64_t bytes) {
  constexpr std::array names{"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 999.5 would be shown as 1000.
  for (; value >= 999.5 && unit + 1 < names.size(); ++unit) value /= 1000;
  std::array<char, 32> out{};
  const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  std::snprintf(out.data(), out.size(), "%.*f%s", digits, value, names[unit]);
  return out.data();
}

}  // namespace podsd::cli
