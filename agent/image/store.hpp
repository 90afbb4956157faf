// SPDX-License-Identifier: Apache-2.0
// agent/image owns the image store under /var/lib/podsd/images: verified, content-addressed, crash-safe. It
// knows OCI images and nothing of pods, units or containers.
//
// The store is a folder, mode 0700:
// - names/REFERENCE.json: one record per name, all that a container start needs; written last, by rename
// - layers/KEY/fs: an unpacked layer; KEY is its diff id, or its chain id where it leans on lower layers
// - layers/KEY/erofs: the layer as an erofs image; fs is where it is mounted while there is a hold on it
// - layers/KEY/info: its size, and the digests of its tree and its image
// - l/SHORT: symlink to layers/KEY/fs: mount options have to fit into a page
// - blobs/HEX: manifests, configurations and layers as they came, for export and verify
// - holds/USER: the keys that a container uses; survives the agent, as the container does
// - staging/ID/: an import, export or check under way, flocked by its process: an ID without that lock is a
//   leftover
// - trash/: on its way out; whoever flocks an entry deletes it
// - lock: flock, exclusive: names change
// - collect.lock: flock, exclusive: unused layers are moved out; shared: somebody begins to use layers
//
// A layer appears by rename after syncfs(2), so whatever is in layers/ is complete. `kill -9` or a power cut
// at any point leave the old or the new state; the rest is cleared by the next open, import or remove.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/image/import_rules.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// The part of an OCI image configuration (image-spec config.md) that a container start needs.
struct ImageConfig {
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::vector<std::string> env;  ///< "NAME=value"
  std::string user;              ///< "", "uid", "uid:gid", "name", "name:group"
  std::string working_dir;
  std::string stop_signal;
};

struct Image {
  std::string name;  ///< normalized reference, "localhost/nginx:1", "docker.io/library/redis:7"
  /// Of the manifest, "sha256:…"; of an image that was pulled: what its tag stands for at the registry, which
  /// may be an index; a docker archive has none: of the configuration.
  std::string digest;
  std::string id;          ///< of the configuration, "sha256:…"
  std::uint64_t size = 0;  ///< bytes of all files, unpacked
  /// Unpacked roots, lowest first, absolute, short, each once: ready for overlayfs' lowerdir (which wants the
  /// highest first). At least one.
  std::vector<std::filesystem::path> layers;
  ImageConfig config;
  /// A symbolic link in its layers leads to a standard output, /dev/stdout say, so that its programs may open
  /// that by name.
  bool opens_outputs = false;
};

/// In the folder of a finished fetch(): what the registry gave for the reference, a manifest or an index.
inline constexpr const char* pulled_document = "manifest";
/// Beside it: the image, as skopeo's "dir:" has it. Absent where the store has the image already.
inline constexpr const char* pulled_image = "image";

/// "nginx" → "docker.io/library/nginx:latest", "localhost/a:1" stays; a digest reference keeps its digest.
/// Errors: not an image reference (distribution/reference grammar).
[[nodiscard]] Result<std::string> normalize_reference(const std::string& reference);

/// Safe to use from several threads and processes at once.
class Store {
 public:
  /// Opens (and makes, mode 0700) the store at `root`; clears leftovers of interrupted imports that no
  /// process holds.
  /// `rules`: for each image that is imported through it.
  [[nodiscard]] static Result<Store> open(std::filesystem::path root, const ImportRules& rules = {});

  /// Imports one image. `source`: "oci:DIR[:TAG]", "oci-archive:FILE[:TAG]",
  /// "docker-archive:FILE[:NAME:TAG]", "dir:DIR" (skopeo's), and what skopeo brings: "docker://NAME",
  /// "containers-storage:NAME". `name`: reference to give it; absent: the one
  /// that the source carries. Digests of manifest, config, layers and diff ids are verified; nothing is
  /// visible before all of it is on disk. A name that exists moves to the new image.
  [[nodiscard]] Result<Image> import(const std::string& source, const std::optional<std::string>& name);

  /// Gives the image one more name, which moves if it exists. Errors: no such image (ENOENT); a name with
  /// another digest.
  [[nodiscard]] Result<Image> tag(const std::string& reference, const std::string& name);

  /// Imports what fetch() (fetch.hpp) left in the folder `pulled`, under the name `reference`. The folder
  /// is not trusted: whatever the transfer has verified is verified again, the index of a multi-platform
  /// image included.
  [[nodiscard]] Result<Image> import_pulled(const std::string& pulled, const std::string& reference);

  /// The image of that name, or std::nullopt. One file is read. A digest reference also finds an image of the
  /// same repository with that digest under another name.
  [[nodiscard]] Result<std::optional<Image>> find(const std::string& reference) const;

  /// All images, sorted by name.
  [[nodiscard]] Result<std::vector<Image>> list() const;

  /// Removes the name; layers that no other image and no hold uses go with it. ENOENT where there is no such
  /// name.
  [[nodiscard]] Result<void> remove(const std::string& reference);

  /// Keeps the layers of `images` for `user` (any text, a container's id say) until release(), whatever
  /// becomes of their names, and notes that they are used: an overlay mount breaks when files vanish from its
  /// lower layers. Layers whose form asks for it are mounted for all their users. Written to disk, so that it outlives a crash of the agent; not synced, because no
  /// container outlives a reboot. A user has one hold: the last. ENOENT where the image has gone meanwhile;
  /// then find it again.
  [[nodiscard]] Result<void> hold(const std::vector<Image>& images, const std::string& user);

  /// Ends a hold; without one does nothing. Layers that nobody holds now are unmounted; they go at the next open, import or remove.
  [[nodiscard]] Result<void> release(const std::string& user);

  /// Ends all holds but those of `users`: at the agent's start, when it knows which containers still run.
  [[nodiscard]] Result<void> clear_holds_except(const std::set<std::string>& users);

  /// The folder whose entries change when a name appears, moves or goes: for inotify.
  [[nodiscard]] std::filesystem::path names_dir() const;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  Store(std::filesystem::path root, const ImportRules& rules) : root_(std::move(root)), rules_(rules) {}
  std::filesystem::path root_;
  ImportRules rules_;
};

}  // namespace podsd::image
