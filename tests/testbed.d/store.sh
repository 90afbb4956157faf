# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: podsd's image store as each machine gets it. The images are imported once, on the host, by the podsctl of this
# build; a machine gets a copy, because a store that machines shared would show one what another did to it.

# store_ready LAYER: sets store_path; empty when there is no podsctl to import with.
store_ready() {
  local podsctl=$1/usr/bin/podsctl key
  store_path=
  [[ -x $podsctl ]] || { detail "no podsctl: the machine has no images"; return 0; }
  images_ready
  key=$(hash_of "$images_path" "$(sha256sum "$podsctl")" <"$testbed_d/store.sh")
  cached store "$key" store_fill "$podsctl"
  store_path=$cache_entry
}

store_fill() {
  local directory=$1 podsctl=$2 name
  chmod 0711 "$directory"
  for name in "${image_names[@]}"; do
    "$podsctl" image import --store "$directory/images" "oci:$images_path/$name" "localhost/$name"
  done
}

# store_copy DIR: DIR becomes /var/lib/podsd.
store_copy() {
  [[ -z $store_path ]] || cp -a --reflink=auto "$store_path/images" "$1/"
}
