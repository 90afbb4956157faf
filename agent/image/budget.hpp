// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
namespace podsd::image {

/// Most bytes that the layers of one image may have as tar files, taken together.
inline constexpr std::uint64_t default_max_bytes = 16ULL << 30;
/// Most entries that they may have, folders made on the way included.
inline constexpr std::uint64_t default_max_inodes = 2'000'000;
/// Longest time that reading and unpacking one image may take.
inline constexpr std::chrono::seconds default_max_time = std::chrono::minutes(30);

/// What one image may take.
struct Budget {
  std::uint64_t bytes = default_max_bytes;    ///< of the layers' tar files
  std::uint64_t inodes = default_max_inodes;  ///< of their entries
  std::uint64_t blobs = default_max_bytes;    ///< bytes of the layers as they come, compressed
  std::uint64_t file = default_max_bytes;     ///< of one file, holes included
  std::chrono::seconds time = default_max_time;
};

}  // namespace podsd::image
