// SPDX-License-Identifier: Apache-2.0
// The forms in which the store keeps a layer's tree, behind one interface (the name is containerd's).
#pragma once

#include <string>
#include <string_view>

#include "agent/image/budget.hpp"
#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::image {

struct LayerInfo;

/// One form of a layer. `layer` is an fd of the layer's folder, layers/KEY or its like in an import's
/// workspace. One image may have layers of several forms: each goes by the form that it has.
class Snapshotter {
 public:
  Snapshotter() = default;
  Snapshotter(const Snapshotter&) = delete;
  Snapshotter& operator=(const Snapshotter&) = delete;
  virtual ~Snapshotter() = default;

  /// As podsd.yaml has it.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// Brings a layer whose tree was unpacked into `fs` into this form, or leaves it as it is where the form
  /// cannot hold that tree. `info` is told what belongs there. Not synced. Errors: this machine cannot do it;
  /// the budget.
  [[nodiscard]] virtual Result<void> commit(int layer, LayerInfo& info, const Budget& budget) const = 0;

  /// The root of the layer's tree, for reading, mounted or not.
  [[nodiscard]] virtual Result<UniqueFd> open(int layer) const = 0;

  /// Makes `fs` the root of the layer's tree in this mount namespace, where it is not yet.
  [[nodiscard]] virtual Result<void> mount(int layer) const = 0;

  /// Whether there is something for unmount() to do.
  [[nodiscard]] virtual bool is_mounted(int layer) const = 0;

  /// Ends mount(). Overlay mounts that have the layer go on.
  virtual void unmount(int layer) const = 0;
};

/// `fs` is the unpacked tree itself, as overlayfs takes it.
[[nodiscard]] const Snapshotter& overlayfs_snapshotter();

/// The snapshotter whose form the layer has.
[[nodiscard]] const Snapshotter& snapshotter_of(int layer);

/// The folder of layer `key` below `layers`. ENOENT where there is none.
[[nodiscard]] Result<UniqueFd> open_layer(int layers, const std::string& key);

/// The root of the tree of layer `key`, for reading.
[[nodiscard]] Result<UniqueFd> open_tree(int layers, const std::string& key);

}  // namespace podsd::image
