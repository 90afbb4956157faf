// SPDX-License-Identifier: Apache-2.0
// Which images are used, and the removal of those that are not (policies/image_gc.hpp decides).
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "agent/image/store.hpp"
#include "policies/image_gc.hpp"

namespace podsd::image {

/// Every image. In use: held by a container, or meant by one of the references `named`.
[[nodiscard]] Result<std::vector<policies::ImageUse>> image_uses(const Store& store,
                                                                 const std::set<std::string>& named);

/// The disk that the store lies on, in bytes; `available` to users other than root (statvfs(3)).
struct Disk {
  std::uint64_t capacity = 0;
  std::uint64_t available = 0;
};
[[nodiscard]] Result<Disk> disk_of(const std::filesystem::path& path);

/// Removes images in this order, under all their names, until so many bytes of the disk are free again;
/// `removed` is told of each. Gives the bytes that came free, as the disk has them.
[[nodiscard]] Result<std::uint64_t> remove_images(
    Store& store, const std::vector<policies::ImageUse>& images, std::uint64_t bytes,
    const std::function<void(const policies::ImageUse&)>& removed);

}  // namespace podsd::image
