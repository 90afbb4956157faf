// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <sstream>

#include "agent/image/files.hpp"
#include "agent/image/folders.hpp"

namespace podsd::image {
namespace {

constexpr std::size_t max_keys_bytes = 16U << 20;

/// Adds the keys, one a line, of a hold or an import's pins.
Result<void> add_keys(int dir, const std::string& file, std::set<std::string>& keys) {
  auto text = read_file(dir, file, max_keys_bytes);
  if (!text && (text.error().code == ENOENT || text.error().code == ENOTDIR)) return {};
  if (!text) return std::unexpected(text.error());
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) keys.insert(line);
  return {};
}

Result<std::set<std::string>> keys_in_use(const Folders& folders) {
  std::set<std::string> keys;
  auto records = read_records(folders.names.get(), folders.path);
  if (!records) return std::unexpected(records.error());
  for (const Record& record : *records) {
    for (const LayerName& layer : record.layers) keys.insert(layer.key);
    keys.insert(record.blobs.begin(), record.blobs.end());
  }
  auto holds = names_in(folders.holds.get());
  if (!holds) return std::unexpected(holds.error());
  for (const std::string& hold : *holds)
    if (auto added = add_keys(folders.holds.get(), hold, keys); !added) return std::unexpected(added.error());
  auto imports = names_in(folders.staging.get());
  if (!imports) return std::unexpected(imports.error());
  for (const std::string& import : *imports)
    if (auto added = add_keys(folders.staging.get(), import + "/pins", keys); !added)
      return std::unexpected(added.error());
  return keys;
}

Result<void> move_to_trash(const Folders& folders, int dir, const std::string& name) {
  if (::renameat(dir, name.c_str(), folders.trash.get(), random_name().c_str()) != 0 && errno != ENOENT)
    return fail("cannot move to the trash", name, errno);
  return {};
}

/// An import holds a lock on its folder as long as its process lives.
Result<void> move_dead_imports(const Folders& folders) {
  auto imports = names_in(folders.staging.get());
  if (!imports) return std::unexpected(imports.error());
  for (const std::string& name : *imports) {
    UniqueFd fd(
        ::openat(folders.staging.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) continue;
    if (auto moved = move_to_trash(folders, folders.staging.get(), name); !moved) return moved;
  }
  return {};
}

Result<void> move_unused(const Folders& folders) {
  auto used = keys_in_use(folders);
  if (!used) return std::unexpected(used.error());
  for (const int dir : {folders.layers.get(), folders.blobs.get()}) {
    auto keys = names_in(dir);
    if (!keys) return std::unexpected(keys.error());
    for (const std::string& key : *keys) {
      if (used->contains(key)) continue;
      if (auto moved = move_to_trash(folders, dir, key); !moved) return moved;
    }
  }
  return {};
}

Result<void> remove_dangling_links(const Folders& folders) {
  auto links = names_in(folders.links.get());
  if (!links) return std::unexpected(links.error());
  for (const std::string& link : *links)
    if (::faccessat(folders.links.get(), link.c_str(), F_OK, 0) != 0 && errno == ENOENT)
      ::unlinkat(folders.links.get(), link.c_str(), 0);
  return {};
}

}  // namespace

Result<void> collect(const Folders& folders) {
  auto lock = lock_file(folders.root.get(), "collect.lock", LockMode::exclusive);
  if (!lock) return std::unexpected(lock.error());
  if (auto moved = move_dead_imports(folders); !moved) return moved;
  if (auto moved = move_unused(folders); !moved) return moved;
  return remove_dangling_links(folders);
}

void empty_trash(const Folders& folders) {
  const auto entries = names_in(folders.trash.get());
  if (!entries) return;
  for (const std::string& name : *entries) {
    // Held while deleting: remove_tree() is for one caller at a time.
    UniqueFd fd(::openat(folders.trash.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) continue;
    (void)remove_tree(folders.trash.get(), name);
  }
}

}  // namespace podsd::image
