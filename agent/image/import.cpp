// SPDX-License-Identifier: Apache-2.0
// How Store imports. Apart from store.cpp: the agent imports nothing itself, and does without libarchive and
// all that it brings.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "agent/image/contents_text.hpp"
#include "agent/image/digest.hpp"
#include "agent/image/files.hpp"
#include "agent/image/folders.hpp"
#include "agent/image/manifest.hpp"
#include "agent/image/publish.hpp"
#include "agent/image/reference.hpp"
#include "agent/image/source.hpp"
#include "agent/image/staging.hpp"
#include "agent/image/store.hpp"
#include "agent/image/transport.hpp"

namespace podsd::image {
namespace {

Result<std::unique_ptr<Source>> open_source(const SourceName& name) {
  const bool folder = name.kind == SourceKind::oci_directory || name.kind == SourceKind::plain_directory;
  if (folder) return open_directory_source(name.path);
  return open_archive_source(name.path);
}

Result<Contents> read_contents(const SourceName& name, const Source& source) {
  if (name.kind == SourceKind::docker_archive) return read_docker_archive(source, name.reference);
  if (name.kind == SourceKind::plain_directory) return read_plain_directory(source);
  return read_oci_layout(source, name.reference);
}

Result<std::string> choose_name(const std::optional<std::string>& wanted, const Contents& contents) {
  if (!wanted && !contents.name) return fail("the source carries no image name, give one");
  auto reference = parse_reference(wanted ? *wanted : *contents.name);
  if (!reference) return std::unexpected(reference.error());
  if (!reference->digest.empty() && reference->digest != contents.digest)
    return fail("the image's digest is " + contents.digest, reference->text());
  return reference->text();
}

Result<Image> import_contents(const Folders& folders, const ImportRules& rules, const Source& source,
                              const Contents& contents, const std::string& name) {
  auto staging = Staging::make(folders, contents, rules);
  if (!staging) return std::unexpected(staging.error());
  auto staged = staging->unpack(source);
  if (!staged) return std::unexpected(staged.error());

  Record record;
  record.image.name = name;
  record.image.digest = contents.digest;
  record.image.id = contents.id;
  record.image.config = contents.config;
  return publish(folders, *staging, std::move(record));
}

Result<Image> import_from(const Folders& folders, const ImportRules& rules, const SourceName& from,
                          const std::optional<std::string>& name) {
  auto opened = open_source(from);
  if (!opened) return std::unexpected(opened.error());
  auto contents = read_confined(folders, rules.budget, [&] { return read_contents(from, **opened); });
  if (!contents) return std::unexpected(contents.error());
  auto full_name = choose_name(name, *contents);
  if (!full_name) return std::unexpected(full_name.error());
  return import_contents(folders, rules, **opened, *contents, *full_name);
}

Result<Image> import_pulled_image(const Folders& folders, const ImportRules& rules, const std::string& pulled,
                                  const std::string& reference) {
  const UniqueFd folder(::open(pulled.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return fail("cannot open folder", pulled, errno);
  auto document = read_file(folder.get(), pulled_document, max_document_bytes);
  if (!document) return std::unexpected(document.error());
  UniqueFd image(::openat(folder.get(), pulled_image, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!image) return fail("cannot open folder", pulled_image, errno);
  const auto source = foreign_source(std::move(image));
  auto contents = read_confined(folders, rules.budget, [&]() -> Result<Contents> {
    auto read = read_plain_directory(*source);
    if (!read) return read;
    if (auto chosen = check_chosen(*document, read->digest); !chosen) return std::unexpected(chosen.error());
    return read;
  });
  if (!contents) return std::unexpected(contents.error());
  // What the tag stands for at the registry, so that a tag that moved is known by it.
  contents->digest = "sha256:" + sha256_hex(*document);
  auto name = choose_name(reference, *contents);
  if (!name) return std::unexpected(name.error());
  return import_contents(folders, rules, *source, *contents, *name);
}

/// What skopeo brings into a workspace first.
Result<Image> import_foreign(const Folders& folders, const ImportRules& rules, const std::string& source,
                             const std::string& name) {
  auto workspace = Workspace::make(folders, "");
  if (!workspace) return std::unexpected(workspace.error());
  const auto folder = folders.path / "staging" / workspace->name();
  if (auto brought = bring_image(source, folder, rules.budget.time); !brought)
    return std::unexpected(brought.error());
  return import_pulled_image(folders, rules, folder, name);
}

Result<Image> import_image(const Folders& folders, const ImportRules& rules, const std::string& source,
                           const std::optional<std::string>& name) {
  const auto foreign = foreign_name(source);
  auto from = foreign ? SourceName{} : parse_source(source);
  if (!from) return std::unexpected(from.error());
  auto image = foreign ? import_foreign(folders, rules, source, name.value_or(*foreign))
                       : import_from(folders, rules, *from, name);
  if (!image) return fail("cannot import image", source, image.error());
  return image;
}

}  // namespace

Result<Image> Store::import(const std::string& source, const std::optional<std::string>& name) {
  auto folders = Folders::open(root_);
  if (!folders) return std::unexpected(folders.error());
  auto image = import_image(*folders, rules_, source, name);
  empty_trash(*folders);
  return image;
}

Result<Image> Store::import_pulled(const std::string& pulled, const std::string& reference) {
  auto folders = Folders::open(root_);
  if (!folders) return std::unexpected(folders.error());
  auto image = import_pulled_image(*folders, rules_, pulled, reference);
  empty_trash(*folders);
  return image;
}

}  // namespace podsd::image
