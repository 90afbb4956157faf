# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: OCI image layouts made by hand, blob by blob (image-spec: image-layout.md, manifest.md, config.md).

# layout_new DIR: an empty layout; its layers are kept in the globals layer_blobs and layer_diffs.
layout_new() {
  layout=$1
  layer_blobs=()
  layer_diffs=()
  mkdir -p "$layout/blobs/sha256"
  echo '{"imageLayoutVersion": "1.0.0"}' >"$layout/oci-layout"
  echo '{"schemaVersion": 2, "manifests": []}' >"$layout/index.json"
}

sha256_of() { sha256sum "$1" | cut -d' ' -f1; }

# blob FILE MEDIA_TYPE: moves the file into the layout, and gives its descriptor.
blob() {
  local digest size
  digest=$(sha256_of "$1") size=$(stat -c %s "$1")
  mv "$1" "$layout/blobs/sha256/$digest"
  jq -nc --arg type "$2" --arg digest "sha256:$digest" --argjson size "$size" \
    '{mediaType: $type, digest: $digest, size: $size}'
}

# layout_add_tar TAR: a tar file, packed by gzip, becomes the next layer.
layout_add_tar() {
  layer_diffs+=("sha256:$(sha256_of "$1")")
  gzip -nc "$1" >"$layout/layer"
  layer_blobs+=("$(blob "$layout/layer" application/vnd.oci.image.layer.v1.tar+gzip)")
}

# layout_add_layer TREE
layout_add_layer() {
  tar -C "$1" --numeric-owner --sort=name -cf "$layout/tar" .
  layout_add_tar "$layout/tar"
  rm "$layout/tar"
}

# layout_tag TAG CONFIG: an image of the layers so far; CONFIG is the JSON of its "config".
layout_tag() {
  local config manifest
  jq -nc --argjson config "$2" '{architecture: "amd64", os: "linux", config: $config,
    rootfs: {type: "layers", diff_ids: $ARGS.positional}}' --args "${layer_diffs[@]}" >"$layout/config"
  config=$(blob "$layout/config" application/vnd.oci.image.config.v1+json)
  printf '%s\n' "${layer_blobs[@]}" | jq -sc --argjson config "$config" '{schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config, layers: .}' >"$layout/manifest"
  manifest=$(blob "$layout/manifest" application/vnd.oci.image.manifest.v1+json)
  jq -c --argjson manifest "$manifest" --arg tag "$1" '.manifests += [$manifest +
    {annotations: {"org.opencontainers.image.ref.name": $tag}}]' "$layout/index.json" >"$layout/index.new"
  mv "$layout/index.new" "$layout/index.json"
}
