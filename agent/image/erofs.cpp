// SPDX-License-Identifier: Apache-2.0
#include "agent/image/erofs.hpp"

#include <fcntl.h>
#include <linux/stat.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "agent/image/confined.hpp"
#include "agent/image/digest.hpp"
#include "agent/image/erofs_mount.hpp"
#include "agent/image/files.hpp"
#include "agent/image/record.hpp"
#include "agent/image/tree_digest.hpp"
#include "agent/image/verity.hpp"

namespace podsd::image {
namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr mode_t root_mode = 0755;

/// Of the tree: overlayfs likes file systems whose UUIDs differ.
std::string uuid_of(const std::string& tree) {
  std::string text = tree.substr(0, 32);
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, "-");
  return text;
}

/// The superblock has the time of its making, and mkfs.erofs sets files that are younger than this variable
/// back to it. Times before 1970 count as the youngest; the highest number of all is no time to it.
std::string source_date() {
  return "SOURCE_DATE_EPOCH=" + std::to_string(std::numeric_limits<std::uint64_t>::max() - 1);
}

Result<void> make_image(int layer, const std::string& tree, const Budget& budget) {
  // Both come from the process that unpacked, which may have been taken over.
  if (!is_sha256_hex(tree)) return fail("not a digest of a tree", tree);
  if (::unlinkat(layer, erofs_image, 0) != 0 && errno != ENOENT)
    return fail("cannot remove", erofs_image, errno);
  // A hole is written out as zeros. Each name takes at most a block beside its contents.
  constexpr std::uint64_t block = 4096;
  const ConfinedProgram mkfs{
      {"mkfs.erofs", "--quiet", "--preserve-mtime", "-U", uuid_of(tree), erofs_image, "fs"},
      {source_date()},
      budget.bytes + budget.inodes * block};
  if (auto made = confined_program(layer, budget.time, mkfs); !made)
    return fail("imageSnapshotter is erofs, and no image can be made", {}, made.error());
  return {};
}

Result<UniqueFd> open_image(int layer) {
  UniqueFd file(::openat(layer, erofs_image, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat st {};
  if (!file || ::fstat(file.get(), &st) != 0) return fail("cannot open the erofs image", {}, errno);
  if (!S_ISREG(st.st_mode)) return fail("the erofs image is not a file");
  return file;
}

/// A mount of the image, attached nowhere, whose fs-verity digest is the one that was recorded.
Result<UniqueFd> checked_mount(int layer) {
  auto info = read_info(layer);
  if (!info) return std::unexpected(info.error());
  auto file = open_image(layer);
  if (!file) return file;
  if (!info->verity.empty()) {
    const auto digest = verity_digest(file->get());
    if (!digest) return std::unexpected(digest.error());
    if (*digest != info->verity)
      return fail("the erofs image is not the one that was made: fs-verity " + *digest);
  }
  return erofs_mount(file->get());
}

Result<UniqueFd> root_of(const UniqueFd& mount) {
  UniqueFd root(::openat(mount.get(), ".", folder_flags));
  if (!root) return fail("cannot open the erofs image's root", {}, errno);
  return root;
}

/// Whether the new image shows the tree that it was made of; found out by a process that can do no harm.
Result<bool> shows(int layer, int file, const std::string& tree, const Budget& budget) {
  const auto mount = erofs_mount(file);
  if (!mount) return std::unexpected(mount.error());
  const auto root = root_of(*mount);
  if (!root) return std::unexpected(root.error());
  const auto found = confined(layer, budget.time, [&](int) { return tree_digest(root->get()); });
  if (!found && found.error().code == ETIME) return std::unexpected(found.error());
  return found && *found == tree;
}

/// `fs` becomes an empty folder, for mount().
Result<void> remove_unpacked(int layer) {
  if (auto removed = remove_tree(layer, "fs"); !removed) return removed;
  auto folder = make_folder(layer, "fs");
  if (!folder) return std::unexpected(folder.error());
  if (::fchmod(folder->get(), root_mode) != 0) return fail("cannot set mode", {}, errno);
  return {};
}

class ErofsSnapshotter final : public Snapshotter {
 public:
  [[nodiscard]] std::string_view name() const override { return "erofs"; }

  [[nodiscard]] Result<void> commit(int layer, LayerInfo& info, const Budget& budget) const override {
    if (auto able = check_erofs(); !able) return able;
    if (auto made = make_image(layer, info.tree, budget); !made) return made;
    auto file = open_image(layer);
    if (!file) return std::unexpected(file.error());
    const auto whole = shows(layer, file->get(), info.tree, budget);
    if (!whole) return std::unexpected(whole.error());
    if (!*whole) {
      if (::unlinkat(layer, erofs_image, 0) != 0) return fail("cannot remove", erofs_image, errno);
      return {};
    }
    auto verity = enable_verity(file->get());
    if (!verity) return std::unexpected(verity.error());
    info.verity = std::move(*verity);
    return remove_unpacked(layer);
  }

  [[nodiscard]] Result<UniqueFd> open(int layer) const override {
    const auto mount = checked_mount(layer);
    if (!mount) return std::unexpected(mount.error());
    return root_of(*mount);
  }

  [[nodiscard]] Result<void> mount(int layer) const override {
    if (is_mounted(layer)) return {};
    const auto mount = checked_mount(layer);
    if (!mount) return std::unexpected(mount.error());
    if (::move_mount(mount->get(), "", layer, "fs", MOVE_MOUNT_F_EMPTY_PATH) != 0)
      return fail("cannot mount the erofs image", {}, errno);
    return {};
  }

  [[nodiscard]] bool is_mounted(int layer) const override {
    struct statx st {};
    return ::statx(layer, "fs", AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) == 0 &&
           (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  }

  void unmount(int layer) const override {
    const std::string path = "/proc/self/fd/" + std::to_string(layer) + "/fs";
    static_cast<void>(::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW));
  }
};

}  // namespace

const Snapshotter& erofs_snapshotter() {
  static const ErofsSnapshotter one;
  return one;
}

}  // namespace podsd::image
