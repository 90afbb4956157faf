// SPDX-License-Identifier: Apache-2.0
#include "units/names.hpp"

#include <cstdint>

namespace podsd::units {
namespace {

constexpr std::size_t max_unit_name = 255;

std::string without_dashes(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (c == '-') c = '_';
  return out;
}

/// FNV-1a, 64 bits, as 16 hex digits: names need to stay apart, not to resist an attacker who picks both.
std::string hash(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (unsigned char c : text) h = (h ^ c) * 0x100000001b3ULL;
  std::string out(16, '0');
  for (int i = 15; i >= 0; --i, h >>= 4) out[static_cast<std::size_t>(i)] = "0123456789abcdef"[h & 15];
  return out;
}

std::string unit(const std::string& stem, std::string_view suffix) {
  if (stem.size() + suffix.size() <= max_unit_name) return stem + std::string(suffix);
  const std::string tail = ".." + hash(stem) + std::string(suffix);
  return stem.substr(0, max_unit_name - tail.size()) + tail;
}

}  // namespace

std::string pod_stem(std::string_view ns, std::string_view pod) {
  std::string stem = "pods-";
  if (ns != "default") stem += without_dashes(ns) + ":";
  return stem + without_dashes(pod);
}

std::string pod_slice(std::string_view ns, std::string_view pod) {
  return unit(pod_stem(ns, pod), ".slice");
}

std::string sandbox_scope(std::string_view ns, std::string_view pod) {
  return unit(pod_stem(ns, pod), ".scope");
}

std::string container_scope(std::string_view ns, std::string_view pod, std::string_view container) {
  return unit(pod_stem(ns, pod) + "-" + without_dashes(container), ".scope");
}

}  // namespace podsd::units
