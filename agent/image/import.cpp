// SPDX-License-Identifier: Apache-2.0
#include "agent/image/import.hpp"

#include <algorithm>

#include "agent/image/manifest.hpp"
#include "agent/image/publish.hpp"
#include "agent/image/reference.hpp"
#include "agent/image/source.hpp"
#include "agent/image/staging.hpp"

namespace podsd::image {
namespace {

Result<std::unique_ptr<Source>> open_source(const SourceName& name) {
  if (name.kind == SourceKind::oci_directory) return open_directory_source(name.path);
  return open_archive_source(name.path);
}

Result<Contents> read_contents(const SourceName& name, const Source& source) {
  if (name.kind == SourceKind::docker_archive) return read_docker_archive(source, name.reference);
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

Result<Image> import_contents(const Folders& folders, const Source& source, const Contents& contents,
                              const std::string& name) {
  auto staging = Staging::make(folders, contents);
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

}  // namespace

Result<Image> import_image(const Folders& folders, const std::string& source,
                           const std::optional<std::string>& name) {
  auto from = parse_source(source);
  if (!from) return std::unexpected(from.error());
  auto opened = open_source(*from);
  if (!opened) return std::unexpected(opened.error());
  auto contents = read_contents(*from, **opened);
  if (!contents) return fail("cannot import image", source, contents.error());
  auto full_name = choose_name(name, *contents);
  if (!full_name) return std::unexpected(full_name.error());
  auto image = import_contents(folders, **opened, *contents, *full_name);
  if (!image) return fail("cannot import image", source, image.error());
  return image;
}

}  // namespace podsd::image
