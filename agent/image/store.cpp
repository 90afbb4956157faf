// SPDX-License-Identifier: Apache-2.0
#include "agent/image/store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "agent/image/files.hpp"
#include "agent/image/folders.hpp"
#include "agent/image/reference.hpp"

namespace podsd::image {

Result<Store> Store::open(std::filesystem::path root, const ImportRules& rules) {
  std::error_code error;
  root = std::filesystem::absolute(root, error).lexically_normal();
  std::filesystem::create_directories(root.parent_path(), error);
  if (error) return fail("cannot make image store", root, error.value());
  if (::mkdir(root.c_str(), 0700) != 0 && errno != EEXIST)
    return fail("cannot make image store", root, errno);
  auto folders = Folders::open(root);
  if (!folders) return std::unexpected(folders.error());
  auto lock = folders->lock_names();
  if (!lock) return std::unexpected(lock.error());
  // Leftovers harm nobody: a store that can only be read is good enough to start containers.
  (void)collect(*folders);
  lock->reset();
  empty_trash(*folders);
  return Store(std::move(root), rules);
}

Result<std::optional<Image>> Store::find(const std::string& reference) const {
  auto parsed = parse_reference(reference);
  if (!parsed) return std::unexpected(parsed.error());
  auto text = read_file(AT_FDCWD, names_dir() / record_file(parsed->text()), max_record_bytes);
  if (text) {
    auto record = parse_record(*text, root_);
    if (!record) return std::unexpected(record.error());
    return std::move(record->image);
  }
  if (text.error().code != ENOENT) return std::unexpected(text.error());
  if (parsed->digest.empty()) return std::nullopt;
  auto images = list();
  if (!images) return std::unexpected(images.error());
  const auto same = [&](const Image& image) {
    const auto other = parse_reference(image.name);
    return image.digest == parsed->digest && other && other->repository == parsed->repository;
  };
  const auto found = std::ranges::find_if(*images, same);
  if (found == images->end()) return std::nullopt;
  return std::move(*found);
}

Result<std::vector<Image>> Store::list() const {
  const UniqueFd names(::open(names_dir().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!names) return fail("cannot open image store", root_, errno);
  auto records = read_records(names.get(), root_);
  if (!records) return std::unexpected(records.error());
  std::vector<Image> images;
  for (Record& record : *records) images.push_back(std::move(record.image));
  std::ranges::sort(images, {}, &Image::name);
  return images;
}

Result<void> Store::remove(const std::string& reference) {
  auto name = normalize_reference(reference);
  if (!name) return std::unexpected(name.error());
  auto folders = Folders::open(root_);
  if (!folders) return std::unexpected(folders.error());
  auto lock = folders->lock_names();
  if (!lock) return std::unexpected(lock.error());
  if (::unlinkat(folders->names.get(), record_file(*name).c_str(), 0) != 0)
    return fail(errno == ENOENT ? "no such image" : "cannot remove image", *name, errno);
  // The name must be gone for good before its layers go.
  if (::fsync(folders->names.get()) != 0) return fail("cannot sync", "names", errno);
  auto collected = collect(*folders);
  lock->reset();
  empty_trash(*folders);
  return collected;
}

std::filesystem::path Store::names_dir() const {
  return root_ / "names";
}

}  // namespace podsd::image
