// SPDX-License-Identifier: Apache-2.0
#include "agent/image/manifest.hpp"

#include <algorithm>

#include "agent/image/digest.hpp"
#include "agent/image/json.hpp"
#include "agent/image/reference.hpp"

namespace podsd::image {
namespace {

constexpr int max_index_depth = 4;
constexpr const char* docker_manifest_type = "application/vnd.docker.distribution.manifest.v2+json";

struct Descriptor {
  std::string media_type;
  std::string hex;
  std::uint64_t size = 0;

  [[nodiscard]] std::string member() const { return "blobs/sha256/" + hex; }
  [[nodiscard]] Expected expected() const { return {"blob sha256:" + hex, size, hex}; }
};

Result<Descriptor> descriptor_of(const Json& object) {
  auto type = string_member(object, "mediaType");
  if (!type) return fail("bad descriptor", {}, type.error());
  auto digest = string_member(object, "digest");
  if (!digest) return fail("bad descriptor", {}, digest.error());
  auto hex = digest_hex(*digest);
  if (!hex) return fail("bad descriptor", {}, hex.error());
  auto size = size_member(object, "size");
  if (!size) return fail("bad descriptor", *digest, size.error());
  return Descriptor{std::move(*type), std::move(*hex), *size};
}

Result<std::string> read_document(const Source& source, const Descriptor& descriptor) {
  return read_member(source, descriptor.member(), max_document_bytes, descriptor.expected());
}

/// The variant that runs everywhere on its architecture (image-spec image-index.md).
bool is_base_variant(const std::string& variant) {
  return variant.empty() || variant == "v1" || variant == "v7" || variant == "v8";
}

/// 0: not for this node; the higher the better.
int platform_rank(const Json& entry) {
  const Json& platform = member(entry, "platform");
  if (!platform.is_object()) return 1;
  const auto os = string_member(platform, "os");
  const auto architecture = string_member(platform, "architecture");
  const auto variant = string_member(platform, "variant");
  if (!os || !architecture || !variant) return 0;
  if (*os != "linux" || *architecture != node_architecture()) return 0;
  return is_base_variant(*variant) ? 3 : 2;
}

std::string annotation(const Json& entry, const char* key) {
  return string_member(member(entry, "annotations"), key).value_or("");
}

std::string tag_of(const Json& entry) {
  return annotation(entry, "org.opencontainers.image.ref.name");
}

/// A full reference; a mere tag, as umoci and skopeo write it for "oci:DIR:TAG", is none.
std::optional<std::string> carried_name(const Json& entry) {
  for (const char* key : {"io.containerd.image.name", "org.opencontainers.image.ref.name"}) {
    const std::string name = annotation(entry, key);
    if (name.find_first_of("/:") != std::string::npos && normalize_reference(name)) return name;
  }
  return std::nullopt;
}

Result<Json> choose_platform(const std::vector<Json>& entries) {
  const Json* best = nullptr;
  for (const Json& entry : entries)
    if (platform_rank(entry) > (best == nullptr ? 0 : platform_rank(*best))) best = &entry;
  if (best == nullptr) return fail("no image for linux/" + node_architecture() + " in the index");
  return *best;
}

std::string all_tags(const std::vector<Json>& entries) {
  std::string tags;
  for (const Json& entry : entries) tags += (tags.empty() ? "" : ", ") + tag_of(entry);
  return tags.substr(0, 500);
}

std::vector<Json> entries_of(const Json& index) {
  const Json& manifests = member(index, "manifests");
  return manifests.is_array() ? manifests.get<std::vector<Json>>() : std::vector<Json>();
}

Result<Json> choose_entry(const Json& index, const std::optional<std::string>& tag) {
  std::vector<Json> entries = entries_of(index);
  if (tag) {
    std::erase_if(entries, [&](const Json& entry) { return tag_of(entry) != *tag; });
    if (entries.empty()) return fail("no such tag in the image layout", *tag, ENOENT);
  }
  const auto other = [&](const Json& entry) { return tag_of(entry) != tag_of(entries.front()); };
  if (!tag && std::ranges::any_of(entries, other))
    return fail("several images, name one of", all_tags(entries));
  return choose_platform(entries);
}

Result<LayerBlob> layer_of(const Json& object) {
  auto descriptor = descriptor_of(object);
  if (!descriptor) return fail("bad layer", {}, descriptor.error());
  const std::string& type = descriptor->media_type;
  const bool oci = type.starts_with("application/vnd.oci.image.layer.");
  const bool docker = type.starts_with("application/vnd.docker.image.rootfs.");
  const bool plain = type.ends_with(".tar") || type.ends_with(".diff.tar");
  const bool compressed = type.ends_with(".tar.gzip") || type.ends_with("tar+gzip") ||
                          type.ends_with("tar+zstd") || type.ends_with(".tar.zstd");
  if (!(oci || docker) || !(plain || compressed)) return fail("layer of an unknown media type", type);
  return LayerBlob{descriptor->member(), descriptor->expected(), compressed, type, {}, {}};
}

Result<void> read_layers(const Json& manifest, Contents& contents) {
  const Json& layers = member(manifest, "layers");
  if (!layers.is_array() || layers.empty()) return fail("image has no layers");
  if (layers.size() > max_layers)
    return fail("image has more than " + std::to_string(max_layers) + " layers");
  for (const Json& object : layers) {
    auto layer = layer_of(object);
    if (!layer) return std::unexpected(layer.error());
    contents.layers.push_back(std::move(*layer));
  }
  return {};
}

/// Where neither descriptor nor manifest says what it is, its configuration's type does.
std::string manifest_type(const Json& manifest, const Descriptor& descriptor, bool docker) {
  const std::string own = string_member(manifest, "mediaType").value_or("");
  if (!own.empty() || !descriptor.media_type.empty()) return own.empty() ? descriptor.media_type : own;
  return docker ? docker_manifest_type : oci_manifest_type;
}

Result<Contents> read_manifest(const Source& source, const std::string& text, const Json& manifest,
                               const Descriptor& descriptor) {
  Contents contents;
  contents.digest = "sha256:" + descriptor.hex;
  auto config = descriptor_of(member(manifest, "config"));
  if (!config) return fail("bad image manifest", contents.digest, config.error());
  const bool docker = config->media_type == "application/vnd.docker.container.image.v1+json";
  if (!docker && config->media_type != oci_config_type)
    return fail("not a container image, but an artifact of type", config->media_type);
  contents.id = "sha256:" + config->hex;
  if (auto layers = read_layers(manifest, contents); !layers) return std::unexpected(layers.error());
  auto document = read_document(source, *config);
  if (!document) return std::unexpected(document.error());
  if (auto read = read_config(*document, contents); !read) return std::unexpected(read.error());
  contents.manifest = {manifest_type(manifest, descriptor, docker), text};
  contents.document = {config->media_type, std::move(*document)};
  return contents;
}

/// A document with members of both kinds could be read as either, so it is neither (CVE-2021-41190).
Result<bool> is_index(const Json& document, const Descriptor& descriptor) {
  const bool index = !member(document, "manifests").is_null();
  const bool manifest = !member(document, "config").is_null() || !member(document, "layers").is_null();
  if (index == manifest) return fail("neither an image manifest nor an index", "sha256:" + descriptor.hex);
  const auto type = string_member(document, "mediaType");
  if (!type || (!type->empty() && !descriptor.media_type.empty() && *type != descriptor.media_type))
    return fail("media type differs from its descriptor's", "sha256:" + descriptor.hex);
  return index;
}

/// A plain directory as if its blobs lay in an OCI layout's folder.
class PlainBlobs : public Source {
 public:
  explicit PlainBlobs(const Source& inner) : inner_(inner) {}
  Result<std::unique_ptr<Reader>> open(const std::string& member) const override {
    return inner_.open(member.substr(member.rfind('/') + 1));
  }

 private:
  const Source& inner_;
};

}  // namespace

Result<Contents> read_plain_directory(const Source& source) {
  auto text = read_member(source, "manifest.json", max_document_bytes, {"manifest.json", {}, {}});
  if (!text) return fail("not an image folder", {}, text.error());
  const Descriptor descriptor{{}, sha256_hex(*text), text->size()};
  auto document = parse_json(*text, "manifest.json");
  if (!document) return std::unexpected(document.error());
  auto index = is_index(*document, descriptor);
  if (!index) return std::unexpected(index.error());
  if (*index) return fail("an index instead of an image manifest", "manifest.json");
  auto contents = read_manifest(PlainBlobs(source), *text, *document, descriptor);
  // Layers are opened later, by the names that they have there.
  if (contents)
    for (LayerBlob& layer : contents->layers) layer.member = layer.member.substr(layer.member.rfind('/') + 1);
  return contents;
}

Result<void> check_chosen(const std::string& document, const std::string& digest) {
  const Descriptor descriptor{{}, sha256_hex(document), document.size()};
  auto json = parse_json(document, "sha256:" + descriptor.hex);
  if (!json) return std::unexpected(json.error());
  auto index = is_index(*json, descriptor);
  if (!index) return std::unexpected(index.error());
  if (!*index && digest == "sha256:" + descriptor.hex) return {};
  if (!*index) return fail("got another image than the one asked for", digest);
  const auto entries = entries_of(*json);
  if (auto any = choose_platform(entries); !any) return std::unexpected(any.error());
  for (const Json& entry : entries)
    if (platform_rank(entry) > 0 && string_member(entry, "digest").value_or("") == digest) return {};
  return fail("got an image that the index does not name for this platform", digest);
}

std::optional<std::uint64_t> transfer_size(const std::string& document) {
  const auto json = parse_json(document, "manifest");
  if (!json || !member(*json, "layers").is_array()) return std::nullopt;
  std::uint64_t bytes = size_member(member(*json, "config"), "size").value_or(0);
  for (const Json& layer : member(*json, "layers")) bytes += size_member(layer, "size").value_or(0);
  return bytes;
}

std::optional<std::string> chosen_manifest(const std::string& document) {
  const auto json = parse_json(document, "index");
  if (!json) return std::nullopt;
  const auto chosen = choose_platform(entries_of(*json));
  if (!chosen) return std::nullopt;
  auto descriptor = descriptor_of(*chosen);
  if (!descriptor) return std::nullopt;
  return "sha256:" + descriptor->hex;
}

Result<Contents> read_oci_layout(const Source& source, const std::optional<std::string>& tag) {
  auto text = read_member(source, "index.json", max_document_bytes, {"index.json", {}, {}});
  if (!text) return fail("not an OCI image layout", {}, text.error());
  auto index = parse_json(*text, "index.json");
  if (!index) return std::unexpected(index.error());
  auto entry = choose_entry(*index, tag);
  const auto name = entry ? carried_name(*entry) : std::nullopt;
  for (int depth = 0; entry && depth < max_index_depth; ++depth) {
    auto descriptor = descriptor_of(*entry);
    if (!descriptor) return std::unexpected(descriptor.error());
    auto text = read_document(source, *descriptor);
    if (!text) return std::unexpected(text.error());
    auto document = parse_json(*text, "sha256:" + descriptor->hex);
    if (!document) return std::unexpected(document.error());
    auto nested = is_index(*document, *descriptor);
    if (!nested) return std::unexpected(nested.error());
    if (!*nested) {
      auto contents = read_manifest(source, *text, *document, *descriptor);
      if (contents) contents->name = name;
      return contents;
    }
    entry = choose_platform(entries_of(*document));
  }
  if (!entry) return std::unexpected(entry.error());
  return fail("image indexes nested too deeply");
}

}  // namespace podsd::image
