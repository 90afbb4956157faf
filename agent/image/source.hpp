// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/image/reader.hpp"
#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// Where the members of an image (index.json, blobs/sha256/…, manifest.json, layer.tar) are read from.
class Source {
 public:
  virtual ~Source() = default;
  /// Opens a regular member. ENOENT where there is none.
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>> open(const std::string& member) const = 0;
};

[[nodiscard]] Result<std::unique_ptr<Source>> open_directory_source(const std::string& path);

/// The same for a folder that somebody else wrote: symlinks inside lead nowhere else. `dir` is its fd.
[[nodiscard]] std::unique_ptr<Source> foreign_source(UniqueFd dir);

/// A tar file, also gzip- or zstd-compressed. Each open() scans it from the start; where it is not
/// compressed, that seeks from header to header.
[[nodiscard]] Result<std::unique_ptr<Source>> open_archive_source(const std::string& path);

/// A member of at most `cap` bytes, with the size and digest that `expected` asks for.
[[nodiscard]] Result<std::string> read_member(const Source& source, const std::string& member,
                                              std::size_t cap, Expected expected);

enum class SourceKind { oci_directory, oci_archive, docker_archive, plain_directory };

/// A source as people write it: "dir:DIR", "oci:DIR[:TAG]", "oci-archive:FILE[:TAG]",
/// "docker-archive:FILE[:NAME:TAG]".
struct SourceName {
  SourceKind kind;
  std::string path;
  std::optional<std::string> reference;  ///< what follows the path
};

/// The path is the longest piece before a ':' that exists. Errors: unknown kind; ENOENT.
[[nodiscard]] Result<SourceName> parse_source(const std::string& text);

}  // namespace podsd::image
