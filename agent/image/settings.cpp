// SPDX-License-Identifier: Apache-2.0
#include "agent/image/settings.hpp"

#include <algorithm>
#include <cerrno>

#include "agent/image/erofs.hpp"
#include "agent/os/files.hpp"
#include "spec/config.hpp"

namespace podsd::image {

Result<Settings> read_settings(const std::filesystem::path& config) {
  Settings settings;
  const auto text = os::read_file(config);
  if (!text && text.error().code == ENOENT) return settings;
  if (!text) return std::unexpected(text.error());
  const auto read = spec::read_config(*text, config);
  if (!read) return std::unexpected(read.error());
  Budget& budget = settings.rules.budget;
  if (read->image_bytes)
    budget.bytes = budget.blobs = budget.file = static_cast<std::uint64_t>(*read->image_bytes);
  if (read->image_files) budget.inodes = static_cast<std::uint64_t>(*read->image_files);
  if (read->image_time_usec) budget.time = std::chrono::seconds(*read->image_time_usec / 1'000'000);
  if (read->image_snapshotter == spec::ImageSnapshotter::erofs)
    settings.rules.snapshotter = &erofs_snapshotter();
  policies::ImageGcConfig& gc = settings.gc;
  gc.high_percent = static_cast<int>(read->image_high_percent.value_or(gc.high_percent));
  // A high threshold alone may lie below the low one's default.
  gc.low_percent =
      static_cast<int>(read->image_low_percent.value_or(std::min(gc.low_percent, gc.high_percent - 1)));
  gc.minimum_age_usec = read->image_minimum_age_usec.value_or(gc.minimum_age_usec);
  if (read->pinned_images) gc.pinned = *read->pinned_images;
  return settings;
}

}  // namespace podsd::image
