// SPDX-License-Identifier: Apache-2.0
#include "agent/image/publish.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "agent/image/files.hpp"
#include "agent/image/snapshotter.hpp"

namespace podsd::image {
namespace {

constexpr std::size_t shortest_link = 8;

Result<void> sync_folder(int fd, const char* name) {
  if (::fsync(fd) != 0) return fail("cannot sync", name, errno);
  return {};
}

Result<void> move_layer(const Folders& folders, const Staging& staging, const StagedLayer& layer) {
  if (layer.staged.empty()) return {};
  if (::renameat(staging.fd(), layer.staged.c_str(), folders.layers.get(), layer.key.c_str()) == 0) return {};
  // Another import was faster with the same layer.
  if (errno == ENOTEMPTY || errno == EEXIST) return {};
  return fail("cannot publish layer", layer.key, errno);
}

Result<void> move_blob(const Folders& folders, const Staging& staging, const StagedBlob& blob) {
  if (blob.staged.empty()) return {};
  if (::renameat(staging.fd(), blob.staged.c_str(), folders.blobs.get(), blob.hex.c_str()) == 0) return {};
  return fail("cannot publish blob", blob.hex, errno);
}

/// Gives the layer its short name: as few digits of the key as no other layer has.
Result<std::string> link_layer(const Folders& folders, const std::string& key) {
  const std::string target = "../layers/" + key + "/fs";
  for (std::size_t digits = shortest_link; digits <= key.size(); ++digits) {
    const std::string link = key.substr(0, digits);
    if (::symlinkat(target.c_str(), folders.links.get(), link.c_str()) == 0) return link;
    if (errno != EEXIST) return fail("cannot link layer", link, errno);
    std::array<char, PATH_MAX> found{};
    const ssize_t size = ::readlinkat(folders.links.get(), link.c_str(), found.data(), found.size());
    if (size >= 0 && target == std::string_view(found.data(), static_cast<std::size_t>(size))) return link;
  }
  return fail("no free name for layer", key);
}

Result<bool> hides_all_below(const Folders& folders, const std::string& key) {
  const auto root = open_tree(folders.layers.get(), key);
  if (!root) return std::unexpected(root.error());
  char value = 0;
  return ::fgetxattr(root->get(), "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

/// overlayfs refuses one folder twice. Of a layer that occurs twice only the upper one can be seen: it shows
/// and hides all that the lower one does. Nor does overlayfs heed an opaque root, so what it hides is left
/// out.
Result<void> name_layers(const Folders& folders, const Staging& staging, Record& record) {
  for (const StagedLayer& layer : staging.layers()) {
    std::erase_if(record.layers, [&](const LayerName& name) { return name.key == layer.key; });
    auto hides = hides_all_below(folders, layer.key);
    if (!hides) return std::unexpected(hides.error());
    if (*hides) record.layers.clear();
    auto link = link_layer(folders, layer.key);
    if (!link) return std::unexpected(link.error());
    record.layers.push_back({layer.key, *link});
  }
  for (const LayerName& layer : record.layers) {
    record.image.layers.push_back(folders.path / "l" / layer.link);
    const auto same = [&](const StagedLayer& staged) { return staged.key == layer.key; };
    const LayerInfo& info = std::ranges::find_if(staging.layers(), same)->info;
    record.image.size += info.size;
    record.image.opens_outputs = record.image.opens_outputs || info.opens_outputs;
  }
  return {};
}

}  // namespace

Result<void> write_record(const Folders& folders, int workspace, Record record) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  record.imported_usec = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  if (auto written = write_new_file(workspace, "record", record_text(record)); !written) return written;
  const std::string file = record_file(record.image.name);
  if (::renameat(workspace, "record", folders.names.get(), file.c_str()) != 0)
    return fail("cannot publish image", file, errno);
  return sync_folder(folders.names.get(), "names");
}

Result<Image> publish(const Folders& folders, const Staging& staging, Record record) {
  auto lock = folders.lock_names();
  if (!lock) return std::unexpected(lock.error());
  for (const StagedLayer& layer : staging.layers())
    if (auto moved = move_layer(folders, staging, layer); !moved) return std::unexpected(moved.error());
  for (const StagedBlob& blob : staging.blobs()) {
    if (auto moved = move_blob(folders, staging, blob); !moved) return std::unexpected(moved.error());
    record.blobs.push_back(blob.hex);
  }
  record.manifest = staging.blobs().front().hex;
  record.manifest_type = staging.blobs().front().media_type;
  if (auto named = name_layers(folders, staging, record); !named) return std::unexpected(named.error());
  for (const auto& [fd, name] : {std::pair{folders.layers.get(), "layers"},
                                 {folders.links.get(), "l"},
                                 {folders.blobs.get(), "blobs"}})
    if (auto synced = sync_folder(fd, name); !synced) return std::unexpected(synced.error());
  if (auto written = write_record(folders, staging.fd(), record); !written)
    return std::unexpected(written.error());
  // The image is there; what cannot be collected now will be next time.
  (void)collect(folders);
  return record.image;
}

}  // namespace podsd::image
