// SPDX-License-Identifier: Apache-2.0
#include "agent/image/kept_blob.hpp"

#include <algorithm>

#include "agent/image/files.hpp"

namespace podsd::image {
namespace {

class Kept : public Reader {
 public:
  Kept(std::unique_ptr<Reader> inner, UniqueFd file, KeptBlob& to, bool hash)
      : inner_(std::move(inner)), file_(std::move(file)), to_(to), wants_hash_(hash) {}

  Result<std::span<const char>> next() override {
    auto bytes = inner_->next();
    if (!bytes || ended_) return bytes;
    if (bytes->empty()) {
      ended_ = true;
      if (wants_hash_) to_.hex = hash_.hex();
      return bytes;
    }
    if (auto written = write_all(file_.get(), {bytes->data(), bytes->size()}); !written)
      return fail("cannot keep blob", {}, written.error());
    if (wants_hash_) hash_.update(bytes->data(), bytes->size());
    to_.size += bytes->size();
    const std::size_t missing = std::min<std::size_t>(magic_bytes - to_.magic.size(), bytes->size());
    to_.magic.append(bytes->data(), missing);
    return bytes;
  }

 private:
  static constexpr std::size_t magic_bytes = 4;

  std::unique_ptr<Reader> inner_;
  UniqueFd file_;
  KeptBlob& to_;
  Sha256 hash_;
  bool wants_hash_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Reader> kept(std::unique_ptr<Reader> inner, UniqueFd file, KeptBlob& to, bool hash) {
  return std::make_unique<Kept>(std::move(inner), std::move(file), to, hash);
}

}  // namespace podsd::image
