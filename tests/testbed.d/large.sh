# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: an image of 2 GB, made of Debian's packages, for what has to be shown with a large one.

# shellcheck disable=SC2034  # lists of packages have commas
readonly large_packages=llvm-14-dev,clang-14,libclang-14-dev,golang-1.19,rustc,openjdk-17-jre-headless,linux-image-cloud-amd64

# large_ready: sets large_path, which holds the image as the OCI layout `layout` with the tag 1, and as the file `archive`, an
# oci-archive. Two layers: all but /usr/lib, and that.
large_ready() {
  cached large "$(declare -f debian_tree large_build | hash_of "$large_packages")" large_build
  # shellcheck disable=SC2154  # set by cached
  large_path=$cache_entry
}

large_build() {
  local directory=$1 tree=$1/tree image=$1/layout:1
  debian_tree bookworm "$tree" "$large_packages" --variant=extract
  umoci init --layout "$directory/layout"
  umoci new --image "$image"
  umoci insert --image "$image" "$tree/usr/lib" /usr/lib
  rm -rf "$tree/usr/lib"
  umoci insert --image "$image" "$tree" /
  rm -rf "$tree"
  umoci config --image "$image" --no-history --config.cmd sh
  tar -C "$directory/layout" -cf "$directory/archive" oci-layout index.json blobs
  chmod 0755 "$directory"
}
