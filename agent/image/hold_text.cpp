// SPDX-License-Identifier: Apache-2.0
#include "agent/image/hold_text.hpp"

#include <sstream>
#include <utility>

namespace podsd::image {

std::vector<HeldImage> parse_hold(const std::string& text) {
  std::vector<HeldImage> images;
  std::set<std::string> layers;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(hold_record_mark))
      images.push_back({std::exchange(layers, {}), line.substr(1)});
    else
      layers.insert(line);
  }
  if (!layers.empty()) images.push_back({std::move(layers), {}});
  return images;
}

std::set<std::string> held_layers(const std::string& text) {
  std::set<std::string> all;
  for (HeldImage& image : parse_hold(text)) all.merge(image.layers);
  return all;
}

}  // namespace podsd::image
