// SPDX-License-Identifier: Apache-2.0
// What an import has in its workspace, and how the confined process tells of it.
#pragma once

#include <string>
#include <vector>

#include "agent/image/manifest.hpp"
#include "agent/image/record.hpp"

namespace podsd::image {

/// One layer of an image under import: already in the store, or unpacked in the staging folder.
struct StagedLayer {
  std::string key;
  LayerInfo info;
  std::string staged;  ///< its name in the staging folder; empty: in the store
};

/// A blob of an image under import, in the same way.
struct StagedBlob {
  std::string hex;
  std::uint64_t size = 0;
  std::string media_type;
  std::string staged;
};

struct Staged {
  std::vector<StagedLayer> layers;  ///< lowest first
  std::vector<StagedBlob> blobs;    ///< one per layer
};

[[nodiscard]] std::string staged_text(const Staged& staged);

/// What staged_text() wrote, by a process that may have been taken over: the layers and blobs are those of
/// `contents`, in names that only the workspace has. Errors: anything else.
[[nodiscard]] Result<Staged> read_staged(const std::string& text, const Contents& contents);

/// The manifest that an image from a docker archive would have (image-spec manifest.md). `blobs`: the
/// configuration, then the layers.
[[nodiscard]] std::string manifest_text(const std::vector<StagedBlob>& blobs);

}  // namespace podsd::image
