// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "spec/result.hpp"

namespace podsd::image {

/// An image reference in its long form (distribution/reference grammar).
struct Reference {
  std::string repository;  ///< "docker.io/library/nginx"
  std::string tag;         ///< may be empty only where there is a digest
  std::string digest;      ///< "" or "sha256:…"

  [[nodiscard]] std::string text() const;
};

/// Reads "nginx", "host:5000/a/b:1", "a@sha256:…"; see normalize_reference.
[[nodiscard]] Result<Reference> parse_reference(const std::string& text);

/// A file name for any text without NUL: '/' becomes '%', a long one is cut and given its hash. Never "." or
/// "..", never beginning with a '.', never longer than 200 bytes.
[[nodiscard]] std::string file_name_for(const std::string& text);

}  // namespace podsd::image
