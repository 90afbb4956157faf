// SPDX-License-Identifier: Apache-2.0
#include "agent/image/layer_forms.hpp"

#include <fcntl.h>

#include <system_error>

#include "agent/image/record.hpp"
#include "agent/image/snapshotter.hpp"

namespace podsd::image {

Result<std::vector<LayerForm>> layer_forms(const Image& image) {
  std::vector<LayerForm> forms;
  for (const auto& link : image.layers) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(link, error);  // ../layers/KEY/fs
    if (error) return fail("cannot read link", link, error.value());
    const auto layer = open_layer(AT_FDCWD, (link.parent_path() / target).parent_path());
    if (!layer) return std::unexpected(layer.error());
    auto info = read_info(layer->get());
    if (!info) return std::unexpected(info.error());
    forms.push_back({std::string(snapshotter_of(layer->get()).name()), std::move(info->verity)});
  }
  return forms;
}

}  // namespace podsd::image
