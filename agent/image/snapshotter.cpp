// SPDX-License-Identifier: Apache-2.0
#include "agent/image/snapshotter.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "agent/image/erofs.hpp"

namespace podsd::image {
namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

class OverlayfsSnapshotter final : public Snapshotter {
 public:
  [[nodiscard]] std::string_view name() const override { return "overlayfs"; }
  [[nodiscard]] Result<void> commit(int, LayerInfo&, const Budget&) const override { return {}; }
  [[nodiscard]] Result<UniqueFd> open(int layer) const override {
    UniqueFd root(::openat(layer, "fs", folder_flags));
    if (!root) return fail("cannot open the layer's tree", {}, errno);
    return root;
  }
  [[nodiscard]] Result<void> mount(int) const override { return {}; }
  [[nodiscard]] bool is_mounted(int) const override { return false; }
  void unmount(int) const override {}
};

}  // namespace

const Snapshotter& overlayfs_snapshotter() {
  static const OverlayfsSnapshotter one;
  return one;
}

const Snapshotter& snapshotter_of(int layer) {
  const bool erofs = ::faccessat(layer, erofs_image, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  return erofs ? erofs_snapshotter() : overlayfs_snapshotter();
}

Result<UniqueFd> open_layer(int layers, const std::string& key) {
  UniqueFd layer(::openat(layers, key.c_str(), folder_flags));
  if (!layer) return fail("cannot open layer", key, errno);
  return layer;
}

Result<UniqueFd> open_tree(int layers, const std::string& key) {
  auto layer = open_layer(layers, key);
  if (!layer) return layer;
  return snapshotter_of(layer->get()).open(layer->get());
}

}  // namespace podsd::image
