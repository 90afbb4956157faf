// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/image/folders.hpp"
#include "agent/image/import_rules.hpp"
#include "agent/image/manifest.hpp"
#include "agent/image/staged.hpp"
#include "agent/image/unpack.hpp"
#include "agent/image/workspace.hpp"

namespace podsd::image {

/// One import, in a workspace whose pins name every layer and blob that the image may share with the store.
class Staging {
 public:
  /// `folders` and `contents` must outlive it.
  [[nodiscard]] static Result<Staging> make(const Folders& folders, const Contents& contents,
                                            const ImportRules& rules);

  /// Unpacks and verifies the layers that the store lacks, keeps the blobs that it lacks, both in a confined
  /// process, gives the layers their form, and syncs all of it to disk.
  [[nodiscard]] Result<void> unpack(const Source& source);

  [[nodiscard]] int fd() const { return workspace_.fd(); }
  [[nodiscard]] const std::vector<StagedLayer>& layers() const { return layers_; }
  /// The manifest, the configuration, and one per layer.
  [[nodiscard]] const std::vector<StagedBlob>& blobs() const { return blobs_; }

 private:
  Staging(const Folders& folders, const Contents& contents, const ImportRules& rules, Workspace workspace)
      : folders_(folders),
        contents_(contents),
        rules_(rules),
        budget_(rules.budget),
        workspace_(std::move(workspace)) {}

  Result<void> open_stored();
  Result<void> unpack_layers(const Source& source);
  Result<void> commit_layers();

  Result<bool> use_stored(const std::string& key, bool any_base);
  [[nodiscard]] bool use_stored_blob(const LayerBlob& layer);
  Result<void> keep_blob(const Source& source, const LayerBlob& layer);
  Result<void> unpack_blob(const Source& source, const LayerBlob& layer);
  /// The layer's blob as it is read, and `then` with it; what was read is kept.
  template <typename Then>
  Result<void> read_and_keep(const Source& source, const LayerBlob& layer, Then then);
  Result<void> unpack_tar(Reader& tar, const LayerBlob& layer);
  Result<void> adopt_folders(int root, const std::vector<std::string>& paths) const;
  Result<void> keep_documents();
  Result<void> keep_document(const Document& document, std::string hex, const std::string& staged);

  const Folders& folders_;
  const Contents& contents_;
  ImportRules rules_;
  Budget budget_;  ///< what is left of it
  Workspace workspace_;
  int folder_ = -1;                         ///< the workspace as the confined process has it
  std::map<std::string, UniqueFd> stored_;  ///< by key: roots of the store's layers that may serve
  std::vector<StagedLayer> layers_;
  std::vector<StagedBlob> blobs_;
};

}  // namespace podsd::image
