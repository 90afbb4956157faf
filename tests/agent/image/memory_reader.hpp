// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>

#include <algorithm>
#include <filesystem>

#include "agent/image/reader.hpp"
#include "agent/image/unpack.hpp"
#include "agent/os/unique_fd.hpp"

namespace podsd::test {

/// Bytes in small pieces, so that nothing relies on getting much at once.
class MemoryReader : public image::Reader {
 public:
  explicit MemoryReader(std::string bytes, std::size_t piece = 1000)
      : bytes_(std::move(bytes)), piece_(piece) {}

  Result<std::span<const char>> next() override {
    const std::size_t size = std::min(piece_, bytes_.size() - at_);
    const std::span<const char> span(bytes_.data() + at_, size);
    at_ += size;
    return span;
  }

 private:
  std::string bytes_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

/// Unpacks a tar into `root`, which is made when missing. Gives the error's message, "" on success.
inline std::string unpack_error(const std::string& tar, const std::filesystem::path& root,
                                image::Budget budget = {}) {
  std::filesystem::create_directories(root);
  UniqueFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  MemoryReader reader(tar);
  const auto unpacked = image::unpack_layer(reader, fd.get(), budget);
  return unpacked ? "" : unpacked.error().message();
}

}  // namespace podsd::test
