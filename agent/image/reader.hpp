// SPDX-License-Identifier: Apache-2.0
// Streams of bytes as a chain of readers: file → verified blob → decompressed → verified diff id → tar.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "agent/image/digest.hpp"
#include "spec/result.hpp"

namespace podsd::image {

class Reader {
 public:
  virtual ~Reader() = default;
  /// The next bytes, valid until the next call; none at the end. Not to be called again after an error.
  [[nodiscard]] virtual Result<std::span<const char>> next() = 0;
};

/// What a stream must turn out to be.
struct Expected {
  std::string subject;                ///< for messages
  std::optional<std::uint64_t> size;  ///< bytes
  std::optional<std::string> hex;     ///< SHA-256
};

/// Passes bytes on and fails as soon as there are more than expected, or at the end if size or digest differ.
[[nodiscard]] std::unique_ptr<Reader> verified(std::unique_ptr<Reader> inner, Expected expected);

/// Passes bytes on, taking each from `budget`; fails when it is used up. `budget` must outlive the reader.
[[nodiscard]] std::unique_ptr<Reader> budgeted(std::unique_ptr<Reader> inner, std::uint64_t& budget);

/// Undoes gzip or zstd, found by their magic numbers; anything else passes unchanged. At its own end it
/// reads `inner` to the end too, so that a check there sees every byte.
[[nodiscard]] std::unique_ptr<Reader> decompressed(std::unique_ptr<Reader> inner);

/// Adds zeros up to the next multiple of 512 bytes: umoci leaves out the padding of a tar's last block.
/// `inner` must outlive the reader.
[[nodiscard]] std::unique_ptr<Reader> padded(Reader& inner);

/// Everything, or an error when there is more than `cap` bytes.
[[nodiscard]] Result<std::string> read_all(Reader& reader, std::size_t cap, const std::string& subject);

/// Reads on to the end, for the checks that stand there.
[[nodiscard]] Result<void> drain(Reader& reader);

}  // namespace podsd::image
