// SPDX-License-Identifier: Apache-2.0
#include "agent/image/staging.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <ranges>

#include "agent/image/files.hpp"
#include "agent/image/merged.hpp"

namespace podsd::image {
namespace {

constexpr std::size_t max_info_bytes = 4096;
constexpr mode_t root_mode = 0755;

std::string pins_of(const Contents& contents) {
  std::string text;
  for (const LayerBlob& layer : contents.layers) text += layer.diff_id + "\n" + layer.chain_id + "\n";
  return text;
}

}  // namespace

Result<Staging> Staging::make(const Folders& folders, const Contents& contents) {
  Staging staging(folders, contents);
  // Until the folder is locked and the pins are written, nobody may look for dead imports or unused layers.
  auto lock = folders.lock_layers();
  if (!lock) return std::unexpected(lock.error());
  const std::string name = random_name();
  auto fd = make_folder(folders.staging.get(), name);
  if (!fd) return std::unexpected(fd.error());
  staging.name_ = name;
  staging.fd_ = std::move(*fd);
  if (::flock(staging.fd(), LOCK_EX | LOCK_NB) != 0) return fail("cannot lock", name, errno);
  if (auto written = write_new_file(staging.fd(), "pins", pins_of(contents)); !written)
    return std::unexpected(written.error());
  return staging;
}

Staging::~Staging() {
  if (fd_) (void)remove_tree(folders_.staging.get(), name_);
}

Result<void> Staging::unpack(const Source& source) {
  bool any_staged = false;
  for (const LayerBlob& layer : contents_.layers) {
    auto stored = use_stored(layer.diff_id, layers_.empty());
    if (stored && !*stored) stored = use_stored(layer.chain_id, true);
    if (!stored) return std::unexpected(stored.error());
    if (*stored) continue;
    if (auto unpacked = unpack_blob(source, layer); !unpacked)
      return fail("layer sha256:" + layer.diff_id, {}, unpacked.error());
    any_staged = true;
  }
  if (any_staged && ::syncfs(fd()) != 0) return fail("cannot sync", {}, errno);
  return {};
}

/// `any_base`: the layer may have been unpacked for exactly the layers below; otherwise it must not depend on
/// them.
Result<bool> Staging::use_stored(const std::string& key, bool any_base) {
  auto text = read_file(folders_.layers.get(), key + "/info", max_info_bytes);
  if (!text && text.error().code == ENOENT) return false;
  if (!text) return std::unexpected(text.error());
  auto info = parse_info(*text);
  if (!info) return std::unexpected(info.error());
  if (info->implicit && !any_base) return false;
  layers_.push_back({key, *info, {}});
  return true;
}

Result<void> Staging::unpack_blob(const Source& source, const LayerBlob& layer) {
  auto blob = source.open(layer.member);
  if (!blob) return std::unexpected(blob.error());
  auto tar = verified(std::move(*blob), layer.blob);
  if (layer.compressed) tar = decompressed(std::move(tar));
  tar = budgeted(std::move(tar), budget_.bytes);
  tar = verified(std::move(tar), {"unpacked layer", std::nullopt, layer.diff_id});

  const std::string name = std::to_string(layers_.size());
  auto folder = make_folder(fd(), name);
  if (!folder) return std::unexpected(folder.error());
  auto root = make_folder(folder->get(), "fs");
  if (!root) return std::unexpected(root.error());
  if (::fchmod(root->get(), root_mode) != 0) return fail("cannot set mode", {}, errno);
  auto unpacked = unpack_layer(*tar, root->get(), budget_);
  if (!unpacked) return std::unexpected(unpacked.error());

  if (auto adopted = adopt_folders(root->get(), unpacked->implicit_folders); !adopted) return adopted;
  const LayerInfo info{unpacked->size, !unpacked->implicit_folders.empty()};
  layers_.push_back({info.implicit ? layer.chain_id : layer.diff_id, info, name});
  return write_new_file(folder->get(), "info", info_text(info));
}

/// A layer that says nothing of a folder on the way to its files leaves it as the lower layers have it. To
/// overlayfs the upper folder's owner and mode count, so they are copied.
Result<void> Staging::adopt_folders(int root, const std::vector<std::string>& paths) const {
  if (paths.empty() || layers_.empty()) return {};
  std::vector<UniqueFd> lower;
  for (const StagedLayer& layer : std::views::reverse(layers_)) {
    const int dir = layer.staged.empty() ? folders_.layers.get() : fd();
    const std::string path = (layer.staged.empty() ? layer.key : layer.staged) + "/fs";
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
