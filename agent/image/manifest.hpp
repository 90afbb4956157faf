// SPDX-License-Identifier: Apache-2.0
// What a source says an image is made of, before any layer is read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/image/reader.hpp"
#include "agent/image/source.hpp"
#include "agent/image/store.hpp"

namespace podsd::image {

/// Most bytes of an index, a manifest or a configuration.
inline constexpr std::size_t max_document_bytes = 4U << 20;
/// Most layers of an image, which an overlay mount has room for by their short names. Docker builds up to 127.
inline constexpr std::size_t max_layers = 200;

inline constexpr const char* oci_manifest_type = "application/vnd.oci.image.manifest.v1+json";
inline constexpr const char* oci_config_type = "application/vnd.oci.image.config.v1+json";
inline constexpr const char* oci_layer_type = "application/vnd.oci.image.layer.v1.tar";

struct LayerBlob {
  std::string member;      ///< in the source
  Expected blob;           ///< as stored there; empty for docker archives, which name no digest
  bool compressed;         ///< may be gzip or zstd
  std::string media_type;  ///< empty for docker archives
  std::string diff_id;     ///< 64 hex digits, of the tar
  std::string chain_id;    ///< 64 hex digits (image-spec config.md, "Layer ChainID")
};

/// A manifest or configuration as it came.
struct Document {
  std::string media_type;
  std::string text;
};

struct Contents {
  std::string digest;  ///< of the manifest; a docker archive has none: of the configuration
  std::string id;      ///< of the configuration
  Document manifest;   ///< empty for a docker archive
  Document document;   ///< the configuration
  ImageConfig config;
  std::vector<LayerBlob> layers;    ///< lowest first
  std::optional<std::string> name;  ///< the full reference that the source carries
};

/// An OCI layout (image-spec image-layout.md): the manifest that `tag` names in index.json, or the only one.
/// Of an index for many platforms the one for linux on this node. Errors: no such tag (ENOENT), several
/// without a tag.
[[nodiscard]] Result<Contents> read_oci_layout(const Source& source, const std::optional<std::string>& tag);

/// The format of `docker save`: manifest.json names configuration and layers.
[[nodiscard]] Result<Contents> read_docker_archive(const Source& source,
                                                   const std::optional<std::string>& reference);

/// The format of `skopeo copy … dir:`: manifest.json, and each blob under its digits. Errors: an index.
[[nodiscard]] Result<Contents> read_plain_directory(const Source& source);

/// Checks that an image is what a registry's answer stands for. `document`: the image's manifest itself, or
/// an index that names it for this node's platform; `digest`: the manifest's. Errors: another image; not for
/// this platform; neither manifest nor index.
[[nodiscard]] Result<void> check_chosen(const std::string& document, const std::string& digest);

/// What the registry has yet to send of an image whose manifest is `document`: bytes of its configuration and
/// layers. Nothing where it is no manifest. Not verified: for telling people only.
[[nodiscard]] std::optional<std::uint64_t> transfer_size(const std::string& document);

/// The digest of the manifest that the index `document` names for this node. Nothing where it is no index.
[[nodiscard]] std::optional<std::string> chosen_manifest(const std::string& document);

/// Sets the chain ids of layers by their diff ids, lowest first (image-spec config.md, "Layer ChainID").
void number_chain(std::vector<LayerBlob>& layers);

/// Reads an image configuration (image-spec config.md) into `contents.config` and the diff ids of
/// `contents.layers`, whose number must fit. Errors: not for linux on this node's architecture.
[[nodiscard]] Result<void> read_config(const std::string& text, Contents& contents);

/// This node's architecture in Go's words: "amd64", "arm64", …
[[nodiscard]] std::string node_architecture();

}  // namespace podsd::image
