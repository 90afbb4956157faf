// SPDX-License-Identifier: Apache-2.0
#include "policies/image_gc.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace podsd::policies {
namespace {

/// Goes back to the last '*' only: an earlier one could not match more.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, retry = 0;
  std::size_t star = std::string_view::npos;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

/// Percent of the disk in use, as the kubelet rounds it.
std::uint64_t percent_in_use(std::uint64_t capacity, std::uint64_t available) {
  if (capacity == 0) return 0;
  const auto free = static_cast<unsigned __int128>(std::min(available, capacity)) * 100 / capacity;
  return 100 - static_cast<std::uint64_t>(free);
}

}  // namespace

std::uint64_t bytes_to_free(const ImageGcConfig& config, std::uint64_t capacity, std::uint64_t available) {
  const auto high = static_cast<std::uint64_t>(config.high_percent);
  if (config.high_percent >= 100 || percent_in_use(capacity, available) < high) return 0;
  const auto kept_free =
      static_cast<unsigned __int128>(capacity) * (100U - static_cast<unsigned>(config.low_percent)) / 100;
  return kept_free > available ? static_cast<std::uint64_t>(kept_free) - available : 0;
}

bool near_threshold(const ImageGcConfig& config, std::uint64_t capacity, std::uint64_t available) {
  return config.high_percent < 100 &&
         percent_in_use(capacity, available) >= static_cast<std::uint64_t>(config.low_percent);
}

bool is_pinned(const ImageGcConfig& config, const std::string& name) {
  return std::ranges::any_of(config.pinned,
                             [&](const std::string& pattern) { return matches(pattern, name); });
}

std::vector<ImageUse> collectable(std::vector<ImageUse> images, const ImageGcConfig& config,
                                  std::int64_t now_usec) {
  std::erase_if(images, [&](const ImageUse& image) {
    return image.in_use || now_usec - image.imported_usec < config.minimum_age_usec ||
           std::ranges::any_of(image.names, [&](const std::string& name) { return is_pinned(config, name); });
  });
  std::ranges::sort(images, {}, [](const ImageUse& image) {
    return std::tie(image.last_used_usec, image.imported_usec, image.id);
  });
  return images;
}

}  // namespace podsd::policies
