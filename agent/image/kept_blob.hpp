// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "agent/image/reader.hpp"
#include "agent/os/unique_fd.hpp"

namespace podsd::image {

/// What went through kept(), known when the stream has ended.
struct KeptBlob {
  std::string hex;    ///< SHA-256, where it was asked for
  std::string magic;  ///< the first bytes, up to four
  std::uint64_t size = 0;
};

/// Passes bytes on and writes them to `file` too. `to` must outlive the reader. `hash`: `to.hex` is wanted.
[[nodiscard]] std::unique_ptr<Reader> kept(std::unique_ptr<Reader> inner, UniqueFd file, KeptBlob& to,
                                           bool hash);

}  // namespace podsd::image
