# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: the layer that goes over the Debian root: podsd as `meson install` lays it out, the host's libraries that the
# root does not have, and the units that run the command. It never changes the root itself.

readonly checkout=$(cd "$testbed_d/../.." && pwd)
readonly build=${PODSD_BUILD:-$checkout/build}

# Every path that `meson install` would copy, without starting meson.
layer_sources() { jq -r 'keys[]' "$build/meson-info/intro-installed.json"; }

layer_build_podsd() {
  [[ ! -e $build/build.ninja ]] || return 0
  note "building podsd in $build"
  require meson ninja
  (meson setup --prefix=/usr "$build" "$checkout" && ninja -C "$build") >&2 || die "podsd does not build"
}

# layer_has_podsd: whether everything that would be installed is there.
layer_has_podsd() {
  local path
  [[ -e $build/meson-info/intro-installed.json ]] || return 1
  while read -r path; do
    [[ -e $path ]] || { detail "$path is not built"; return 1; }
  done < <(layer_sources)
  jq -e '[.[]] | index("/usr/bin/podsctl")' "$build/meson-info/intro-installed.json" >/dev/null
}

# layer_ready ROOT ROOT_KEY AGENT: sets layer_path. AGENT is 1 when podsd must be there.
layer_ready() {
  local root=$1 root_key=$2 agent=$3 with_podsd=0 key
  ((!agent)) || layer_build_podsd
  if layer_has_podsd; then
    with_podsd=1
  elif ((agent)); then
    die "$build is not completely built, or not with --prefix=/usr"
  else
    detail "no podsd in this machine: $build is not built"
  fi
  key=$(layer_facts "$with_podsd" | hash_of "$root_key" "$build")
  cached layer "$key" layer_fill "$root" "$with_podsd"
  layer_path=$cache_entry
}

layer_facts() {
  cat "$testbed_d"/layer.sh "$testbed_d"/inside/*
  ((!$1)) || layer_sources | xargs -d '\n' stat -L -c '%n %s %y %i'
}

layer_fill() {
  local directory=$1 root=$2 with_podsd=$3 units
  units=$directory/usr/lib/systemd/system
  chmod 0755 "$directory"
  mkdir -p "$units" "$directory/usr/lib/testbed"
  cp "$testbed_d"/inside/*.service "$units/"
  install -m 0755 "$testbed_d"/inside/{run,vm-streams} "$directory/usr/lib/testbed/"
  if ((with_podsd)); then
    DESTDIR=$directory meson install --no-rebuild --quiet -C "$build"
    layer_add_libraries "$directory" "$root"
  fi
  # The root's directories are links on a merged-/usr system, and a layer's directory would hide them.
  layer_merge_usr "$directory"
}

layer_merge_usr() {
  local top
  for top in bin sbin lib lib64; do
    [[ -d $1/$top && ! -L $1/$top ]] || continue
    mkdir -p "$1/usr/$top"
    cp -a "$1/$top/." "$1/usr/$top/"
    rm -rf "${1:?}/$top"
  done
}

# A binary from this host may want a library that the suite has under another name, or not at all.
layer_add_libraries() {
  local directory=$1 root=$2 library target
  # ldd fails for the static programs among them.
  { find "$directory" -type f -perm -100 -exec ldd {} + 2>/dev/null || true; } |
    sed -nE 's/^.* => (\/[^ ]+) .*/\1/p' | sort -u |
    while read -r library; do
      target=usr/lib/$(uname -m)-linux-gnu/${library##*/}
      [[ -e $root/$target ]] || install -D -m 0644 "$library" "$directory/$target"
    done
}
