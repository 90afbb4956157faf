// SPDX-License-Identifier: Apache-2.0
#include "agent/image/documents.hpp"

#include <algorithm>

#include "agent/image/files.hpp"
#include "agent/image/folders.hpp"

namespace podsd::image {
namespace {

Result<Document> read_blob(const Folders& folders, const std::string& hex, std::string media_type) {
  auto text = read_file(folders.blobs.get(), hex, max_document_bytes);
  if (!text) return fail("cannot read blob", "sha256:" + hex, text.error());
  return Document{std::move(media_type), std::move(*text)};
}

}  // namespace

Result<Documents> read_documents(const Store& store, const std::string& reference) {
  auto image = store.find(reference);
  if (!image) return std::unexpected(image.error());
  if (!*image) return fail("no such image", reference, ENOENT);
  auto folders = Folders::open(store.root());
  if (!folders) return std::unexpected(folders.error());
  auto records = read_records(folders->names.get(), store.root());
  if (!records) return std::unexpected(records.error());
  Documents documents;
  for (Record& record : *records) {
    if (record.image.id == (*image)->id) documents.names.push_back(record.image.name);
    if (record.image.name == (*image)->name) documents.record = std::move(record);
  }
  std::ranges::sort(documents.names);
  const Record& record = documents.record;
  if (record.image.name.empty()) return fail("no such image", reference, ENOENT);
  if (record.manifest.empty())
    return fail("the image was imported by an earlier podsd, which kept no blobs: import it again",
                reference);
  auto manifest = read_blob(*folders, record.manifest, record.manifest_type);
  if (!manifest) return std::unexpected(manifest.error());
  auto configuration = read_blob(*folders, record.image.id.substr(record.image.id.find(':') + 1), {});
  if (!configuration) return std::unexpected(configuration.error());
  documents.manifest = std::move(*manifest);
  documents.configuration = std::move(*configuration);
  documents.last_used_usec = last_used(folders->names.get(), record);
  return documents;
}

}  // namespace podsd::image
