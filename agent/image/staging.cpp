// SPDX-License-Identifier: Apache-2.0
#include "agent/image/staging.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <ranges>

#include "agent/image/confined.hpp"
#include "agent/image/files.hpp"
#include "agent/image/kept_blob.hpp"
#include "agent/image/merged.hpp"
#include "agent/image/staged.hpp"
#include "agent/image/tree_digest.hpp"

namespace podsd::image {
namespace {

constexpr mode_t root_mode = 0755;

std::string pins_of(const Contents& contents) {
  std::string text = contents.id.substr(contents.id.find(':') + 1) + "\n";
  if (!contents.manifest.text.empty()) text += sha256_hex(contents.manifest.text) + "\n";
  for (const LayerBlob& layer : contents.layers)
    text += layer.diff_id + "\n" + layer.chain_id + "\n" + layer.blob.hex.value_or("") + "\n";
  return text;
}

/// A docker archive says nothing of how its layers are packed.
std::string media_type_of(const KeptBlob& blob, const LayerBlob& layer) {
  if (!layer.media_type.empty()) return layer.media_type;
  if (blob.magic.starts_with("\x1F\x8B")) return std::string(oci_layer_type) + "+gzip";
  if (blob.magic == "\x28\xB5\x2F\xFD") return std::string(oci_layer_type) + "+zstd";
  return oci_layer_type;
}

}  // namespace

Result<Staging> Staging::make(const Folders& folders, const Contents& contents, const ImportRules& rules) {
  auto workspace = Workspace::make(folders, pins_of(contents));
  if (!workspace) return std::unexpected(workspace.error());
  return Staging(folders, contents, rules, std::move(*workspace));
}

Result<void> Staging::unpack(const Source& source) {
  if (auto opened = open_stored(); !opened) return opened;
  auto told = confined(fd(), budget_.time, [&](int folder) -> Result<std::string> {
    folder_ = folder;
    if (auto done = unpack_layers(source); !done) return std::unexpected(done.error());
    return staged_text({layers_, blobs_});
  });
  if (!told) return std::unexpected(told.error());
  auto staged = read_staged(*told, contents_);
  if (!staged) return std::unexpected(staged.error());
  layers_ = std::move(staged->layers);
  blobs_ = std::move(staged->blobs);
  if (auto committed = commit_layers(); !committed) return committed;
  if (auto kept = keep_documents(); !kept) return kept;
  if (::syncfs(fd()) != 0) return fail("cannot sync", {}, errno);
  return {};
}

/// Before the confined process is made, which can mount nothing. The workspace's pins keep the layers.
Result<void> Staging::open_stored() {
  for (const LayerBlob& layer : contents_.layers) {
    for (const std::string& key : {layer.diff_id, layer.chain_id}) {
      auto root = open_tree(folders_.layers.get(), key);
      if (!root && root.error().code == ENOENT) continue;
      if (!root) return fail("layer sha256:" + key, {}, root.error());
      stored_.insert_or_assign(key, std::move(*root));
    }
  }
  return {};
}

Result<void> Staging::commit_layers() {
  for (StagedLayer& layer : layers_) {
    if (layer.staged.empty()) continue;
    layer.info.verity.clear();
    auto folder = open_layer(fd(), layer.staged);
    if (!folder) return std::unexpected(folder.error());
    if (auto done = rules_.snapshotter->commit(folder->get(), layer.info, rules_.budget); !done)
      return fail("layer sha256:" + layer.key, {}, done.error());
    if (auto told = write_new_file(folder->get(), "info", info_text(layer.info)); !told) return told;
  }
  return {};
}

Result<void> Staging::unpack_layers(const Source& source) {
  for (const LayerBlob& layer : contents_.layers) {
    auto stored = use_stored(layer.diff_id, layers_.empty());
    if (stored && !*stored) stored = use_stored(layer.chain_id, true);
    if (!stored) return std::unexpected(stored.error());
    if (*stored && use_stored_blob(layer)) continue;
    auto done = *stored ? keep_blob(source, layer) : unpack_blob(source, layer);
    if (!done) return fail("layer sha256:" + layer.diff_id, {}, done.error());
  }
  return {};
}

/// `any_base`: the layer may have been unpacked for exactly the layers below; otherwise it must not depend on
/// them.
Result<bool> Staging::use_stored(const std::string& key, bool any_base) {
  if (!stored_.contains(key)) return false;
  auto layer = open_layer(folders_.layers.get(), key);
  if (!layer) return std::unexpected(layer.error());
  auto info = read_info(layer->get());
  if (!info) return std::unexpected(info.error());
  if (info->implicit && !any_base) return false;
  layers_.push_back({key, *info, {}});
  return true;
}

/// Of a docker archive's layer that was not compressed the digest is known beforehand.
bool Staging::use_stored_blob(const LayerBlob& layer) {
  const std::string& hex = layer.blob.hex ? *layer.blob.hex : layer.diff_id;
  struct stat st {};
  if (::fstatat(folders_.blobs.get(), hex.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return false;
  const auto size = static_cast<std::uint64_t>(st.st_size);
  if (!S_ISREG(st.st_mode) || size != layer.blob.size.value_or(size)) return false;
  blobs_.push_back({hex, size, layer.media_type.empty() ? oci_layer_type : layer.media_type, {}});
  return true;
}

template <typename Then>
Result<void> Staging::read_and_keep(const Source& source, const LayerBlob& layer, Then then) {
  auto blob = source.open(layer.member);
  if (!blob) return std::unexpected(blob.error());
  const std::string name = "blob-" + std::to_string(blobs_.size());
  auto file = make_file(folder_, name);
  if (!file) return std::unexpected(file.error());
  KeptBlob kept_blob;
  auto bytes = budgeted(verified(std::move(*blob), layer.blob), budget_.blobs);
  bytes = kept(std::move(bytes), std::move(*file), kept_blob, !layer.blob.hex);
  if (auto done = then(std::move(bytes)); !done) return done;
  blobs_.push_back(
      {layer.blob.hex.value_or(kept_blob.hex), kept_blob.size, media_type_of(kept_blob, layer), name});
  return {};
}

Result<void> Staging::keep_blob(const Source& source, const LayerBlob& layer) {
  return read_and_keep(source, layer, [](std::unique_ptr<Reader> bytes) { return drain(*bytes); });
}

Result<void> Staging::unpack_blob(const Source& source, const LayerBlob& layer) {
  return read_and_keep(source, layer, [&](std::unique_ptr<Reader> tar) {
    if (layer.compressed) tar = decompressed(std::move(tar));
    tar = budgeted(std::move(tar), budget_.bytes);
    tar = verified(std::move(tar), {"unpacked layer", std::nullopt, layer.diff_id});
    return unpack_tar(*tar, layer);
  });
}

Result<void> Staging::unpack_tar(Reader& tar, const LayerBlob& layer) {
  const std::string name = std::to_string(layers_.size());
  auto folder = make_folder(folder_, name);
  if (!folder) return std::unexpected(folder.error());
  auto root = make_folder(folder->get(), "fs");
  if (!root) return std::unexpected(root.error());
  if (::fchmod(root->get(), root_mode) != 0) return fail("cannot set mode", {}, errno);
  auto unpacked = unpack_layer(tar, root->get(), budget_);
  if (!unpacked) return std::unexpected(unpacked.error());

  if (auto adopted = adopt_folders(root->get(), unpacked->implicit_folders); !adopted) return adopted;
  auto tree = tree_digest(root->get());
  if (!tree) return std::unexpected(tree.error());
  const LayerInfo info{
      unpacked->size, !unpacked->implicit_folders.empty(), std::move(*tree), unpacked->opens_outputs, {}};
  layers_.push_back({info.implicit ? layer.chain_id : layer.diff_id, info, name});
  return {};
}

Result<void> Staging::keep_documents() {
  const std::string id = contents_.id.substr(contents_.id.find(':') + 1);
  if (auto kept = keep_document(contents_.document, id, "config"); !kept) return kept;
  Document manifest = contents_.manifest;
  if (manifest.text.empty()) manifest = {oci_manifest_type, manifest_text(blobs_)};
  return keep_document(manifest, sha256_hex(manifest.text), "manifest");
}

Result<void> Staging::keep_document(const Document& document, std::string hex, const std::string& staged) {
  if (auto written = write_new_file(fd(), staged, document.text); !written) return written;
  blobs_.insert(blobs_.begin(), {std::move(hex), document.text.size(), document.media_type, staged});
  return {};
}

/// A layer that says nothing of a folder on the way to its files leaves it as the lower layers have it. To
/// overlayfs the upper folder's owner and mode count, so they are copied.
Result<void> Staging::adopt_folders(int root, const std::vector<std::string>& paths) const {
  if (paths.empty() || layers_.empty()) return {};
  std::vector<UniqueFd> lower;
  for (const StagedLayer& layer : std::views::reverse(layers_)) {
    const int dir = layer.staged.empty() ? stored_.at(layer.key).get() : folder_;
    const std::string path = layer.staged.empty() ? "." : layer.staged + "/fs";
    lower.emplace_back(::openat(dir, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!lower.back()) return fail("cannot open layer", layer.key, errno);
  }
  for (const std::string& path : paths) {
    const UniqueFd folder = open_in_root(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!folder) continue;  // replaced by a later entry
    const auto below = open_merged(lower, path);
    struct stat st {};
    if (!below || ::fstat(below->get(), &st) != 0 || !S_ISDIR(st.st_mode)) continue;
    const std::array<timespec, 2> times{st.st_atim, st.st_mtim};
    if (::fchown(folder.get(), st.st_uid, st.st_gid) != 0 ||
        ::fchmod(folder.get(), st.st_mode & 07777) != 0 || ::futimens(folder.get(), times.data()) != 0)
      return fail("cannot set owner and mode", path, errno);
  }
  return {};
}

}  // namespace podsd::image
