// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/image/folders.hpp"
#include "agent/image/manifest.hpp"
#include "agent/image/unpack.hpp"

namespace podsd::image {

/// One layer of an image under import: already in the store, or unpacked in the staging folder.
struct StagedLayer {
  std::string key;
  LayerInfo info;
  std::string staged;  ///< its name in the staging folder; empty: in the store
};

/// The folder of one import. Locked by this process and gone with the object; a process that dies leaves it
/// unlocked. Its file "pins" names every layer that the image may share with the store, so that none is
/// collected meanwhile.
class Staging {
 public:
  [[nodiscard]] static Result<Staging> make(const Folders& folders, const Contents& contents);
  Staging(Staging&&) noexcept = default;
  Staging& operator=(Staging&&) = delete;
  ~Staging();

  /// Unpacks and verifies the layers that the store lacks, and syncs them to disk.
  [[nodiscard]] Result<void> unpack(const Source& source);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::vector<StagedLayer>& layers() const { return layers_; }

 private:
  Staging(const Folders& folders, const Contents& contents) : folders_(folders), contents_(contents) {}

  Result<bool> use_stored(const std::string& key, bool any_base);
  Result<void> unpack_blob(const Source& source, const LayerBlob& layer);
  Result<void> adopt_folders(int root, const std::vector<std::string>& paths) const;

  const Folders& folders_;
  const Contents& contents_;
  std::string name_;
  UniqueFd fd_;
  Budget budget_;
  std::vector<StagedLayer> layers_;
};

}  // namespace podsd::image
