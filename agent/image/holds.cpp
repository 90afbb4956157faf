// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/image/files.hpp"
#include "agent/image/folders.hpp"
#include "agent/image/hold_text.hpp"
#include "agent/image/mounts.hpp"
#include "agent/image/reference.hpp"
#include "agent/image/store.hpp"

namespace podsd::image {
namespace {

/// The keys that the layers' short names stand for, one a line.
Result<std::string> keys_of(const Image& image) {
  std::string keys;
  for (const auto& link : image.layers) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(link, error);  // ../layers/KEY/fs
    if (error) return fail("image has gone", image.name, ENOENT);
    const auto layer = (link.parent_path() / target).parent_path();
    if (::access(layer.c_str(), F_OK) != 0) return fail("image has gone", image.name, ENOENT);
    keys += layer.filename().string() + "\n";
  }
  return keys;
}

/// The time of a record is when its image was last used: for the collection of images.
void touch_record(int names, const std::string& file) {
  (void)::utimensat(names, file.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
}

Result<void> write_hold(int holds, const std::string& file, const std::string& keys) {
  const std::string temporary = ".new-" + random_name();
  UniqueFd fd(::openat(holds, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fail("cannot hold image", file, errno);
  const bool written = ::write(fd.get(), keys.data(), keys.size()) == static_cast<ssize_t>(keys.size());
  if (written && ::renameat(holds, temporary.c_str(), holds, file.c_str()) == 0) return {};
  const int code = errno;
  ::unlinkat(holds, temporary.c_str(), 0);
  return fail("cannot hold image", file, code);
}

}  // namespace

Result<void> Store::hold(const std::vector<Image>& images, const std::string& user) {
  auto folders = Folders::open(root_);
  if (!folders) return std::unexpected(folders.error());
  // Nothing is collected between the look at the layers and the hold.
  auto lock = folders->lock_layers();
  if (!lock) return std::unexpected(lock.error());
  std::string text;
  for (const Image& image : images) {
    auto keys = keys_of(image);
    if (!keys) return std::unexpected(keys.error());
    const std::string record = record_file(image.name);
    touch_record(AT_FDCWD, names_dir() / record);
    text += *keys + hold_record_mark + record + "\n";
  }
  const std::string file = file_name_for(user);
  const auto before = read_file(folders->holds.get(), file, max_hold_bytes);
  if (auto written = write_hold(folders->holds.get(), file, text); !written) return written;
  if (before) unmount_unheld(*folders, held_layers(*before));
  return mount_layers(*folders, held_layers(text));
}

Result<void> Store::release(const std::string& user) {
  const auto file = root_ / "holds" / file_name_for(user);
  const auto text = read_file(AT_FDCWD, file, max_hold_bytes);
  for (const HeldImage& image : parse_hold(text.value_or("")))
    if (!image.record.empty()) touch_record(AT_FDCWD, names_dir() / image.record);
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) return fail("cannot release image", user, errno);
  if (!text) return {};
  auto folders = Folders::open(root_);
  if (!folders) return std::unexpected(folders.error());
  unmount_unheld(*folders, held_layers(*text));
  return {};
}

Result<void> Store::clear_holds_except(const std::set<std::string>& users) {
  auto folders = Folders::open(root_);
  if (!folders) return std::unexpected(folders.error());
  // Exclusive: no hold is being written, so that a temporary file is a leftover.
  auto lock = lock_file(folders->root.get(), "collect.lock", LockMode::exclusive);
  if (!lock) return std::unexpected(lock.error());
  std::set<std::string> keep;
  for (const std::string& user : users) keep.insert(file_name_for(user));
  auto files = names_in(folders->holds.get());
  if (!files) return std::unexpected(files.error());
  for (const std::string& file : *files) {
    if (keep.contains(file)) continue;
    if (::unlinkat(folders->holds.get(), file.c_str(), 0) != 0 && errno != ENOENT)
      return fail("cannot release image", file, errno);
  }
  unmount_all_unheld(*folders);
  return {};
}

}  // namespace podsd::image
