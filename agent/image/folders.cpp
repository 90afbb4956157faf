// SPDX-License-Identifier: Apache-2.0
#include "agent/image/folders.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <system_error>

#include "agent/image/files.hpp"

namespace podsd::image {

Result<Folders> Folders::open(const std::filesystem::path& root) {
  Folders folders;
  folders.path = root;
  folders.root.reset(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folders.root) return fail("cannot open image store", root, errno);
  const std::array<std::pair<const char*, UniqueFd*>, 7> parts{{{"names", &folders.names},
                                                                {"layers", &folders.layers},
                                                                {"l", &folders.links},
                                                                {"blobs", &folders.blobs},
                                                                {"holds", &folders.holds},
                                                                {"staging", &folders.staging},
                                                                {"trash", &folders.trash}}};
  for (const auto& [name, fd] : parts) {
    auto made = make_folder(folders.root.get(), name);
    if (!made) return fail("cannot open image store", root, made.error());
    *fd = std::move(*made);
  }
  return folders;
}

Result<UniqueFd> Folders::lock_names() const {
  return lock_file(root.get(), "lock", LockMode::exclusive);
}

Result<UniqueFd> Folders::lock_layers() const {
  return lock_file(root.get(), "collect.lock", LockMode::shared);
}

Result<Record> read_record(int names, const std::string& file, const std::filesystem::path& root) {
  auto text = read_file(names, file, max_record_bytes);
  if (!text) return std::unexpected(text.error());
  auto record = parse_record(*text, root);
  if (!record) return fail("cannot read image record", file, record.error());
  return record;
}

std::int64_t last_used(int names, const Record& record) {
  struct stat st {};
  if (::fstatat(names, record_file(record.image.name).c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
    return record.imported_usec;
  return std::int64_t{st.st_mtim.tv_sec} * 1'000'000 + st.st_mtim.tv_nsec / 1000;
}

Result<std::vector<Record>> read_records(int names, const std::filesystem::path& root) {
  auto files = names_in(names);
  if (!files) return std::unexpected(files.error());
  std::vector<Record> records;
  for (const std::string& file : *files) {
    auto record = read_record(names, file, root);
    if (!record && record.error().code == ENOENT) continue;
    if (!record) return std::unexpected(record.error());
    records.push_back(std::move(*record));
  }
  return records;
}

}  // namespace podsd::image
