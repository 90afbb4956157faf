// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/image/store.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// Most bytes of a record: a configuration may be long.
inline constexpr std::size_t max_record_bytes = 8U << 20;

/// One of an image's layers as the store names it.
struct LayerName {
  std::string key;   ///< 64 hex digits: layers/KEY
  std::string link;  ///< l/LINK
};

/// What names/REFERENCE.json holds.
struct Record {
  Image image;  ///< its `layers` are made from the names below
  std::vector<LayerName> layers;
  std::int64_t imported_usec = 0;  ///< when the name came to this image, CLOCK_REALTIME
  std::string manifest;            ///< 64 hex digits: of its manifest, which lies in blobs/
  std::string manifest_type;       ///< the manifest's media type
  std::vector<std::string> blobs;  ///< what it needs of blobs/: manifest, configuration, layers; hex digits
};

[[nodiscard]] std::string record_text(const Record& record);

/// `root` is the store's: the layers' paths begin with it. Errors: not a record.
[[nodiscard]] Result<Record> parse_record(const std::string& text, const std::filesystem::path& root);

/// layers/KEY/info
struct LayerInfo {
  std::uint64_t size = 0;      ///< bytes of file contents
  bool implicit = false;       ///< has folders whose mode and owner come from lower layers
  std::string tree;            ///< tree_digest() of its fs, 64 hex digits
  bool opens_outputs = false;  ///< as of Image
  std::string verity;          ///< fs-verity digest of its erofs image, "sha256:…"; empty: it has none
};

[[nodiscard]] std::string info_text(const LayerInfo& info);
[[nodiscard]] Result<LayerInfo> parse_info(const std::string& text);

/// The info of the layer whose folder is `layer`. ENOENT where there is none.
[[nodiscard]] Result<LayerInfo> read_info(int layer);

/// "NAME.json" below names/.
[[nodiscard]] std::string record_file(const std::string& reference);

}  // namespace podsd::image
