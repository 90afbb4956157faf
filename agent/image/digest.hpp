// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "spec/result.hpp"

struct evp_md_ctx_st;

namespace podsd::image {

/// SHA-256 over bytes that come in pieces (OpenSSL EVP).
class Sha256 {
 public:
  Sha256();
  void update(const void* data, std::size_t size);
  /// Ends the computation: 64 lower-case hex digits. Call once.
  [[nodiscard]] std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// 64 hex digits of the SHA-256 of `text`.
[[nodiscard]] std::string sha256_hex(std::string_view text);

/// "sha256:" and 64 digits of [a-f0-9] (image-spec descriptor.md) → the digits, safe as a path component.
/// Errors: another algorithm, another form.
[[nodiscard]] Result<std::string> digest_hex(std::string_view digest);

/// Exactly 64 of [a-f0-9].
[[nodiscard]] bool is_sha256_hex(std::string_view text);

}  // namespace podsd::image
