// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "agent/image/json.hpp"
#include "agent/image/manifest.hpp"

namespace podsd::image {
namespace {

bool same_reference(const std::string& a, const std::string& b) {
  const auto left = normalize_reference(a);
  return a == b || (left && *left == normalize_reference(b).value_or(""));
}

Result<Json> choose_entry(const Json& manifest, const std::optional<std::string>& reference) {
  if (!manifest.is_array() || manifest.empty()) return fail("not a docker archive", "manifest.json");
  if (!reference) {
    if (manifest.size() > 1) return fail("several images in the archive, give a name");
    return manifest.front();
  }
  for (const Json& entry : manifest) {
    const auto tags = strings_member(entry, "RepoTags");
    if (!tags) return std::unexpected(tags.error());
    if (std::ranges::any_of(*tags, [&](const auto& tag) { return same_reference(tag, *reference); }))
      return entry;
  }
  return fail("no such image in the archive", *reference, ENOENT);
}

/// Config is "<hex>.json" or "blobs/sha256/<hex>": the digest stands in the name.
Result<std::string> config_hex(const std::string& member) {
  std::string hex = std::filesystem::path(member).stem().string();
  if (!is_sha256_hex(hex)) return fail("configuration is not named by its digest", member);
  return hex;
}

}  // namespace

Result<Contents> read_docker_archive(const Source& source, const std::optional<std::string>& reference) {
  auto text = read_member(source, "manifest.json", max_document_bytes, {"manifest.json", {}, {}});
  if (!text) return fail("not a docker archive", {}, text.error());
  auto manifest = parse_json(*text, "manifest.json");
  if (!manifest) return std::unexpected(manifest.error());
  auto entry = choose_entry(*manifest, reference);
  if (!entry) return std::unexpected(entry.error());
  auto config = string_member(*entry, "Config");
  auto layers = strings_member(*entry, "Layers");
  auto tags = strings_member(*entry, "RepoTags");
  if (!config || !layers || !tags) return fail("bad docker archive", "manifest.json");
  if (layers->empty()) return fail("image has no layers");
  if (layers->size() > max_layers)
    return fail("image has more than " + std::to_string(max_layers) + " layers");
  auto hex = config_hex(*config);
  if (!hex) return std::unexpected(hex.error());

  Contents contents;
  contents.digest = contents.id = "sha256:" + *hex;
  if (reference || !tags->empty()) contents.name = reference ? *reference : tags->front();
  for (auto& layer : *layers) contents.layers.push_back({layer, {layer, {}, {}}, true, {}, {}, {}});
  auto document = read_member(source, *config, max_document_bytes, {*config, {}, *hex});
  if (!document) return std::unexpected(document.error());
  if (auto read = read_config(*document, contents); !read) return std::unexpected(read.error());
  contents.document = {oci_config_type, std::move(*document)};
  return contents;
}

}  // namespace podsd::image
