// SPDX-License-Identifier: Apache-2.0
#include "agent/image/export.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "agent/image/documents.hpp"
#include "agent/image/files.hpp"
#include "agent/image/json.hpp"
#include "agent/image/transport.hpp"
#include "agent/image/workspace.hpp"

namespace podsd::image {
namespace {

constexpr const char* tag = "image";

std::string index_text(const Documents& documents) {
  const Json manifest{{"mediaType", documents.manifest.media_type},
                      {"digest", "sha256:" + documents.record.manifest},
                      {"size", documents.manifest.text.size()},
                      {"annotations", {{"org.opencontainers.image.ref.name", tag}}}};
  return Json{{"schemaVersion", 2}, {"manifests", {manifest}}}.dump();
}

/// An OCI layout (image-spec image-layout.md) in the workspace, of hard links to the store's blobs.
Result<void> make_layout(const Folders& folders, const Workspace& workspace, const Documents& documents) {
  auto blobs = make_folder(workspace.fd(), "blobs");
  if (!blobs) return std::unexpected(blobs.error());
  auto sha256 = make_folder(blobs->get(), "sha256");
  if (!sha256) return std::unexpected(sha256.error());
  for (const std::string& hex : documents.record.blobs)
    if (::linkat(folders.blobs.get(), hex.c_str(), sha256->get(), hex.c_str(), 0) != 0 && errno != EEXIST)
      return fail("cannot read blob", "sha256:" + hex, errno);
  if (auto written = write_new_file(workspace.fd(), "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
      !written)
    return written;
  return write_new_file(workspace.fd(), "index.json", index_text(documents));
}

}  // namespace

Result<void> export_image(const Store& store, const std::string& reference, const std::string& destination,
                          std::chrono::seconds deadline) {
  auto folders = Folders::open(store.root());
  if (!folders) return std::unexpected(folders.error());
  auto documents = read_documents(store, reference);
  if (!documents) return std::unexpected(documents.error());
  auto to = named_destination(destination, documents->record.image.name);
  if (!to) return std::unexpected(to.error());
  // Hard links keep the blobs, whatever becomes of the name meanwhile.
  auto workspace = Workspace::make(*folders, "");
  if (!workspace) return std::unexpected(workspace.error());
  if (auto made = make_layout(*folders, *workspace, *documents); !made) return made;
  auto sent = send_image(store.root() / "staging" / workspace->name(), tag, *to, deadline);
  if (!sent) return fail("cannot export image", reference, sent.error());
  return {};
}

}  // namespace podsd::image
