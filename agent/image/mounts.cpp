// SPDX-License-Identifier: Apache-2.0
#include "agent/image/mounts.hpp"

#include "agent/image/files.hpp"
#include "agent/image/hold_text.hpp"
#include "agent/image/snapshotter.hpp"

namespace podsd::image {
namespace {

void unmount(int layers, const std::string& key) {
  const auto layer = open_layer(layers, key);
  if (layer) snapshotter_of(layer->get()).unmount(layer->get());
}

bool is_mounted(int layers, const std::string& key) {
  const auto layer = open_layer(layers, key);
  return layer && snapshotter_of(layer->get()).is_mounted(layer->get());
}

}  // namespace

Result<void> mount_layers(const Folders& folders, const std::set<std::string>& keys) {
  for (const std::string& key : keys) {
    auto layer = open_layer(folders.layers.get(), key);
    if (!layer) return std::unexpected(layer.error());
    if (auto mounted = snapshotter_of(layer->get()).mount(layer->get()); !mounted)
      return fail("layer sha256:" + key, {}, mounted.error());
  }
  return {};
}

void unmount_unheld(const Folders& folders, const std::set<std::string>& keys) {
  std::set<std::string> mounted;
  for (const std::string& key : keys)
    if (is_mounted(folders.layers.get(), key)) mounted.insert(key);
  if (mounted.empty()) return;
  const auto holds = names_in(folders.holds.get());
  if (!holds) return;
  for (const std::string& hold : *holds) {
    const auto text = read_file(folders.holds.get(), hold, max_hold_bytes);
    if (text)
      for (const std::string& key : held_layers(*text)) mounted.erase(key);
  }
  for (const std::string& key : mounted) unmount(folders.layers.get(), key);
}

void unmount_all_unheld(const Folders& folders) {
  if (const auto keys = names_in(folders.layers.get())) unmount_unheld(folders, {keys->begin(), keys->end()});
  const auto trash = names_in(folders.trash.get());
  if (!trash) return;
  for (const std::string& name : *trash) unmount(folders.trash.get(), name);
}

}  // namespace podsd::image
