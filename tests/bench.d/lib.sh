# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: what the benchmarks share inside their machine: the clock, podman and its image, numbers and tables.
# Sourced by tests/bench.d/NAME, with tests/bench's folder at /bench: the program `stamp` and busybox's OCI layout.

set -euo pipefail
export LANG=C

readonly work=/run/bench image=localhost/busybox:1
readonly stamp=$work/stamp

mkdir -p "$work"
cp /bench/stamp "$work/"

# say WORDS: to whoever watches; results go to stdout.
say() { printf '%s\n' "$*" >&2; }

# since FILE1 FILE2: microseconds between two stamps.
since() { echo $((($(<"$2") - $(<"$1")) / 1000)); }

# wait_until SECONDS COMMAND...
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { say "waited in vain for: $*"; return 1; }
    sleep 0.02
  done
}

# percentile P FILE: of a file with one number a line, by nearest rank.
percentile() { sort -n "$2" | awk -v p="$1" '{ v[NR] = $1 } END { r = p * NR / 100; i = int(r); if (i < r) i++; print v[i] }'; }

# quotient A B: with two digits.
quotient() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", b ? a / b : 0 }'; }

# put NAME: standard input becomes the manifest /etc/pods.d/NAME.yaml, at once and whole.
put() {
  cat >"/etc/pods.d/.$1.new"
  mv "/etc/pods.d/.$1.new" "/etc/pods.d/$1.yaml"
}

# provider NAME: who makes the networks of pods from now on. What pods have stays.
provider() {
  printf 'network: {provider: %s}\n' "$1" >/etc/podsd/podsd.yaml
  systemctl restart podsd.service
  wait_until 60 podsctl get pods
}
provider embedded  # whatever plugins came with podman

# podman with crun and its defaults, but for what this machine cannot do: its cgroups have no controller for a limit of pids, and
# without CAP_SYS_RESOURCE no limit can be raised (see memlock.cpp for the one that crun insists on).
podman_ready() {
  mkdir -p /etc/containers
  printf '%s\n' '{"default": [{"type": "insecureAcceptAnything"}]}' >/etc/containers/policy.json
  cat >/etc/containers/containers.conf <<END
[containers]
pids_limit = 0
default_ulimits = []
[engine]
runtime = "crun"
cgroup_manager = "systemd"
END
  # podman makes the image of its pods' pause container from that program, which the machine does not have.
  cp "$stamp" /usr/local/bin/catatonit
  cp /bench/memlock.so "$work/"
  echo "$work/memlock.so" >/etc/ld.so.preload
  podman pull --quiet oci:/bench/image:1 >/dev/null
  podman tag "$(podman images --quiet | head -n 1)" "$image"
}
