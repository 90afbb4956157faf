// SPDX-License-Identifier: Apache-2.0
#include "agent/image/staged.hpp"

#include <algorithm>
#include <ranges>

#include "agent/image/digest.hpp"
#include "agent/image/json.hpp"

namespace podsd::image {
namespace {

Json descriptor_of(const StagedBlob& blob) {
  return {{"mediaType", blob.media_type}, {"digest", "sha256:" + blob.hex}, {"size", blob.size}};
}

/// "": in the store; else one name below the workspace.
bool is_staged_name(const std::string& name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return name.size() < 64 && name.find_first_not_of(letters) == std::string::npos;
}

Result<StagedLayer> layer_from(const Json& json, const LayerBlob& expected) {
  auto key = string_member(json, "key");
  auto info = string_member(json, "info");
  auto staged = string_member(json, "staged");
  if (!key || !info || !staged || !is_staged_name(*staged)) return fail("bad answer of the unpacking");
  if (*key != expected.diff_id && *key != expected.chain_id) return fail("another layer was unpacked", *key);
  auto parsed = parse_info(*info);
  if (!parsed) return std::unexpected(parsed.error());
  return StagedLayer{std::move(*key), std::move(*parsed), std::move(*staged)};
}

Result<StagedBlob> blob_from(const Json& json, const LayerBlob& expected) {
  auto hex = string_member(json, "hex");
  auto size = size_member(json, "size");
  auto type = string_member(json, "type");
  auto staged = string_member(json, "staged");
  if (!hex || !size || !type || !staged || !is_staged_name(*staged) || !is_sha256_hex(*hex))
    return fail("bad answer of the unpacking");
  if (*hex != expected.blob.hex.value_or(*hex)) return fail("another blob was kept", *hex);
  return StagedBlob{std::move(*hex), *size, std::move(*type), std::move(*staged)};
}

}  // namespace

std::string staged_text(const Staged& staged) {
  Json layers = Json::array(), blobs = Json::array();
  for (const StagedLayer& layer : staged.layers)
    layers.push_back({{"key", layer.key}, {"info", info_text(layer.info)}, {"staged", layer.staged}});
  for (const StagedBlob& blob : staged.blobs)
    blobs.push_back(
        {{"hex", blob.hex}, {"size", blob.size}, {"type", blob.media_type}, {"staged", blob.staged}});
  return Json{{"layers", layers}, {"blobs", blobs}}.dump();
}

Result<Staged> read_staged(const std::string& text, const Contents& contents) {
  auto json = parse_json(text, "the answer of the unpacking");
  if (!json) return std::unexpected(json.error());
  const Json& layers = member(*json, "layers");
  const Json& blobs = member(*json, "blobs");
  const std::size_t count = contents.layers.size();
  if (!layers.is_array() || !blobs.is_array() || layers.size() != count || blobs.size() != count)
    return fail("bad answer of the unpacking");
  Staged staged;
  for (std::size_t i = 0; i < count; ++i) {
    auto layer = layer_from(layers[i], contents.layers[i]);
    auto blob = blob_from(blobs[i], contents.layers[i]);
    if (!layer || !blob) return std::unexpected((layer ? blob.error() : layer.error()));
    staged.layers.push_back(std::move(*layer));
    staged.blobs.push_back(std::move(*blob));
  }
  return staged;
}

std::string manifest_text(const std::vector<StagedBlob>& blobs) {
  Json layers = Json::array();
  for (const StagedBlob& layer : blobs | std::views::drop(1)) layers.push_back(descriptor_of(layer));
  const Json manifest{{"schemaVersion", 2},
                      {"mediaType", oci_manifest_type},
                      {"config", descriptor_of(blobs.front())},
                      {"layers", layers}};
  return manifest.dump();
}

}  // namespace podsd::image
