# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: the machine-wide cache. An entry is a directory KIND/KEY that appears by one rename, complete or not at all.
# Users hold a shared lock on an entry; removal needs the exclusive one.

readonly cache=${PODSD_TESTBED_CACHE:-/var/cache/podsd-testbed}
readonly cache_keep_days=14
readonly cache_keep_minutes=720

# hash_of [STRING...]: a key from the strings and standard input.
hash_of() { { printf '%s\0' "$@"; cat; } | sha256sum | cut -c1-16; }

# hash_files FILE...: a key from the files' contents.
hash_files() { cat -- "$@" | sha256sum | cut -c1-16; }

cache_prepare() {
  mkdir -p "$cache"/{locks,run} || die "cannot write to $cache; run as root or set PODSD_TESTBED_CACHE"
  chmod 0755 "$cache"
}

# cached KIND KEY BUILDER [ARG...]: sets cache_entry to the entry's directory, which BUILDER DIR ARG... fills
# when it does not exist yet. Two callers build it once. The entry stays locked until this shell and all its children end.
cached() {
  local kind=$1 key=$2 fd
  shift 2
  cache_entry=$cache/$kind/$key
  mkdir -p "$cache/$kind"
  exec {fd}>>"$cache/locks/$kind-$key"
  if [[ ! -d $cache_entry ]]; then
    # In the background, since signals end only `wait`; the lock belongs to the file that both have open.
    flock "$fd" &
    wait $!
    if [[ ! -d $cache_entry ]]; then cache_build "$kind" "$@"; fi
  fi
  flock -s "$fd"
  # A collector may have taken the entry between the look and the lock.
  [[ -d $cache_entry ]] || die "$cache_entry vanished; try again"
  touch -c "$cache/locks/$kind-$key"
}

cache_build() {
  local kind=$1 builder=$2 temporary log status
  shift 2
  # The entry's exclusive lock is held, so whatever an interrupted build left under this name is nobody's.
  temporary=$cache_entry.new
  log=$cache_entry.log
  detail "building $kind ${cache_entry##*/}"
  rm -rf --one-file-system "$temporary"
  mkdir "$temporary"
  # In the background, since signals end only `wait`; with a process group of its own, so that they can end it whole.
  set -m
  (set -e; "$builder" "$temporary" "$@") >"$log" 2>&1 </dev/null &
  cache_builder=$!
  set +m
  at_exit "cache_abandon $cache_builder $(printf %q "$temporary")"
  wait "$cache_builder" && status=0 || status=$?
  cache_builder=
  if ((status)); then
    tail -n 30 "$log" >&2
    rm -rf --one-file-system "$temporary"
    die "building $kind failed; the log is $log"
  fi
  mv -T "$temporary" "$cache_entry"
  rm -f "$log"
  cache_collect
}

cache_abandon() {
  [[ $cache_builder == "$1" ]] || return 0
  kill -TERM -- "-$1" 2>/dev/null
  wait "$1" 2>/dev/null
  rm -rf --one-file-system "$2" "$2.list" "${2%.new}.log"
}

# Drops what nobody has used for long and nobody holds: soon what each build of podsd makes anew, later the rest.
cache_collect() {
  find "$cache/locks" -type f \( \( -name 'layer-*' -o -name 'store-*' \) -mmin +"$cache_keep_minutes" \
    -o -mtime +"$cache_keep_days" \) -print | while read -r lock; do cache_drop "$lock"; done
}

cache_drop() {
  local lock=$1 name=${1##*/} fd entry
  entry=$cache/${name%%-*}/${name#*-}
  exec {fd}>>"$lock"
  if flock -n "$fd"; then
    rm -rf --one-file-system "$entry" "$entry.log" "$entry.new"
    rm -f "$lock"
  fi
  exec {fd}>&-
}
