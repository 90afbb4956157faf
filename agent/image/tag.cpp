// SPDX-License-Identifier: Apache-2.0
#include <cerrno>

#include "agent/image/documents.hpp"
#include "agent/image/publish.hpp"
#include "agent/image/reference.hpp"
#include "agent/image/store.hpp"
#include "agent/image/workspace.hpp"

namespace podsd::image {

Result<Image> Store::tag(const std::string& reference, const std::string& name) {
  auto wanted = parse_reference(name);
  if (!wanted) return std::unexpected(wanted.error());
  auto folders = Folders::open(root_);
  if (!folders) return std::unexpected(folders.error());
  auto workspace = Workspace::make(*folders, "");
  if (!workspace) return std::unexpected(workspace.error());
  // As long as names do not change, layers and blobs of the found image are in use.
  auto lock = folders->lock_names();
  if (!lock) return std::unexpected(lock.error());
  auto image = find(reference);
  if (!image) return std::unexpected(image.error());
  if (!*image) return fail("no such image", reference, ENOENT);
  auto record = read_record(folders->names.get(), record_file((*image)->name), root_);
  if (!record) return std::unexpected(record.error());
  if (!wanted->digest.empty() && wanted->digest != record->image.digest)
    return fail("the image's digest is " + record->image.digest, name);
  record->image.name = wanted->text();
  if (auto written = write_record(*folders, workspace->fd(), *record); !written)
    return std::unexpected(written.error());
  return std::move(record->image);
}

}  // namespace podsd::image
