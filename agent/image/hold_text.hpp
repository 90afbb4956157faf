// SPDX-License-Identifier: Apache-2.0
// What a file below holds/ says: line by line the keys of an image's layers, and behind them "=RECORD".
#pragma once

#include <set>
#include <string>
#include <vector>

namespace podsd::image {

inline constexpr std::size_t max_hold_bytes = 1U << 20;
inline constexpr char hold_record_mark = '=';

/// One image that is held.
struct HeldImage {
  std::set<std::string> layers;
  std::string record;  ///< to be touched when the hold ends; empty in a hold of an earlier podsd
};

[[nodiscard]] std::vector<HeldImage> parse_hold(const std::string& text);

/// The layers of all images that a hold's text names.
[[nodiscard]] std::set<std::string> held_layers(const std::string& text);

}  // namespace podsd::image
