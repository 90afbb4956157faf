// SPDX-License-Identifier: Apache-2.0
#include "agent/image/usage.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "agent/image/files.hpp"
#include "agent/image/folders.hpp"
#include "agent/image/hold_text.hpp"

namespace podsd::image {
namespace {

/// The layers of each image that is held.
Result<std::set<std::set<std::string>>> held_images(const Folders& folders) {
  auto holds = names_in(folders.holds.get());
  if (!holds) return std::unexpected(holds.error());
  std::set<std::set<std::string>> held;
  for (const std::string& hold : *holds) {
    auto text = read_file(folders.holds.get(), hold, max_hold_bytes);
    if (!text) continue;  // released meanwhile
    for (HeldImage& image : parse_hold(*text)) held.insert(std::move(image.layers));
  }
  return held;
}

std::set<std::string> keys_of(const Record& record) {
  std::set<std::string> keys;
  for (const LayerName& layer : record.layers) keys.insert(layer.key);
  return keys;
}

}  // namespace

Result<std::vector<policies::ImageUse>> image_uses(const Store& store, const std::set<std::string>& named) {
  auto folders = Folders::open(store.root());
  if (!folders) return std::unexpected(folders.error());
  auto held = held_images(*folders);
  if (!held) return std::unexpected(held.error());
  auto records = read_records(folders->names.get(), store.root());
  if (!records) return std::unexpected(records.error());
  std::set<std::string> meant;
  for (const std::string& reference : named)
    if (const auto image = store.find(reference); image && *image) meant.insert((*image)->id);
  std::map<std::string, policies::ImageUse> uses;
  for (const Record& record : *records) {
    policies::ImageUse& use = uses[record.image.id];
    use.id = record.image.id;
    use.bytes = record.image.size;
    use.names.push_back(record.image.name);
    use.imported_usec = std::max(use.imported_usec, record.imported_usec);
    use.last_used_usec = std::max(use.last_used_usec, last_used(folders->names.get(), record));
    use.in_use = use.in_use || meant.contains(use.id) || held->contains(keys_of(record));
  }
  std::vector<policies::ImageUse> list;
  for (auto& [id, use] : uses) list.push_back(std::move(use));
  return list;
}

Result<Disk> disk_of(const std::filesystem::path& path) {
  struct statvfs fs {};
  if (::statvfs(path.c_str(), &fs) != 0) return fail("cannot read the disk's size", path, errno);
  return Disk{fs.f_blocks * fs.f_frsize, fs.f_bavail * fs.f_frsize};
}

Result<std::uint64_t> remove_images(Store& store, const std::vector<policies::ImageUse>& images,
                                    std::uint64_t bytes,
                                    const std::function<void(const policies::ImageUse&)>& removed) {
  const auto before = disk_of(store.root());
  if (!before) return std::unexpected(before.error());
  std::uint64_t freed = 0;
  for (const policies::ImageUse& image : images) {
    if (freed >= bytes) break;
    for (const std::string& name : image.names)
      if (auto gone = store.remove(name); !gone && gone.error().code != ENOENT)
        return std::unexpected(gone.error());
    removed(image);
    const auto now = disk_of(store.root());
    if (!now) return std::unexpected(now.error());
    freed = now->available > before->available ? now->available - before->available : 0;
  }
  return freed;
}

}  // namespace podsd::image
