// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/image/entry_path.hpp"
#include "agent/image/unpack.hpp"
#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// A 0:0 character device: overlayfs takes it for "there is no such name in lower layers".
[[nodiscard]] bool is_whiteout(const struct stat& st);

/// Metadata of one tar entry.
struct Attributes {
  uid_t uid = 0;
  gid_t gid = 0;
  mode_t mode = 0;                  ///< permission bits only
  std::array<timespec, 2> times{};  ///< access, modification
  std::vector<std::pair<std::string, std::string>> xattrs;
};

/// The folder that a layer is unpacked into: each function brings one name, replacing what the layer had
/// there before, and makes the folders on the way. Nothing else may write to the folder meanwhile.
class LayerTree {
 public:
  /// `root` and `budget` must outlive the tree.
  LayerTree(int root, Budget& budget) : root_(root), budget_(budget) {}

  [[nodiscard]] Result<void> folder(const EntryPath& path, const Attributes& attributes);
  /// Gives the new empty file, open for writing; see set_attributes.
  [[nodiscard]] Result<UniqueFd> file(const EntryPath& path);
  [[nodiscard]] Result<void> symlink(const EntryPath& path, const std::string& target,
                                     const Attributes& attributes);
  [[nodiscard]] Result<void> fifo(const EntryPath& path, const Attributes& attributes);
  [[nodiscard]] Result<void> hardlink(const EntryPath& path, const EntryPath& target);
  /// Hides `path` of lower layers; what this layer has there stays.
  [[nodiscard]] Result<void> whiteout(const EntryPath& path);
  /// Hides all that lower layers have in a folder.
  [[nodiscard]] Result<void> opaque(const std::string& folder);

  /// Owner, mode, xattrs and times of an open file, in the order in which one does not undo the other.
  [[nodiscard]] static Result<void> set_attributes(int fd, const Attributes& attributes);

  /// Sets the times of folders, last because every new name in a folder changes them.
  [[nodiscard]] Result<void> finish();

  [[nodiscard]] std::vector<std::string> implicit_folders() const;

 private:
  enum class Found { nothing, whiteout, folder };

  /// An fd for the folder `path`, made when missing; owned by the tree, good until the next call.
  Result<int> parent(const std::string& path);
  Result<UniqueFd> open_folder(const std::string& path);
  Result<UniqueFd> make_missing(const std::string& path);
  /// Makes room for a new name. Only a folder in the place of a folder stays.
  Result<Found> make_room(int dir, const std::string& name, bool for_folder);
  Result<void> set_link_attributes(int dir, const std::string& name, const Attributes& attributes);

  int root_;
  Budget& budget_;
  std::string parent_path_;
  UniqueFd parent_fd_;
  std::map<ino_t, std::string> implicit_;
  std::vector<std::pair<std::string, std::array<timespec, 2>>> folder_times_;
};

}  // namespace podsd::image
