# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: what the attacks share: hostile pods and images in one line each, and the host's state that no attack may change.

readonly programs=/usr/libexec/podsd
readonly canary=/srv/canary runtime=/usr/libexec/podsd/podsd-runtime
readonly work=/root/attack

# A program for what a shell cannot do; see probe.cpp. It is bound into pods as /probe.
readonly probe=${PODSD_PROBE:-/podsd/build/tests/attack/probe}

# What a container does that is only there to be entered.
readonly stays='trap exit TERM; while :; do sleep 0.1; done'

# pod NAME SCRIPT [CONTAINER_JSON] [SPEC_JSON]: a pod that runs SCRIPT once with the image's shell. The JSON objects are merged over
# container and spec.
pod() {
  local name=$1 script=$2 container=${3:-'{}'} spec=${4:-'{}'}
  jq -n --arg name "$name" --arg script "$script" --argjson container "$container" --argjson spec "$spec" --arg probe "$probe" '
    {apiVersion: "v1", kind: "Pod", metadata: {name: $name},
     spec: ({restartPolicy: "Never", terminationGracePeriodSeconds: 1,
             volumes: ([{name: "probe", hostPath: {path: $probe, type: "File"}}] + ($spec.volumes // [])),
             containers: [({name: "main", image: "localhost/busybox:1", command: ["/bin/sh", "-c", $script]} + $container
               | .volumeMounts = [{name: "probe", mountPath: "/probe", readOnly: true}] + (.volumeMounts // []))]}
            + ($spec | del(.volumes)))}' | put "$name.json"
}

ended() { container_is "$1" main '.state | has("terminated")' true; }
waits() { container_is "$1" main '.state | has("waiting")' true; }
stuck() { ended "$1" || waits "$1"; }

# attack NAME SCRIPT [CONTAINER_JSON] [SPEC_JSON]: runs such a pod to its end; $said is what it printed.
attack() {
  pod "$@"
  wait_for 20 ended "$1"
  journalctl --sync
  said=$(printed "$1")
}

# printed POD…: what they said; nothing where none of it ever ran.
printed() {
  local pod
  for pod; do journalctl -q --no-pager -o cat -u "pods-$pod-main.scope" _TRANSPORT=stdout; done
}

# inside POD COMMAND...: in all the namespaces and the root of the pod's container, as the host's root.
inside() {
  local pid
  pid=$(pid_of "$1" main)
  shift
  nsenter --target "$pid" --mount --uts --ipc --net --pid --cgroup --root --wd=/ -- "$@"
}

# tree: makes $work/tree anew with a shell in it.
tree() {
  local program
  rm -rf "$work/tree" "$work/layout"
  mkdir -p "$work/tree"/{bin,etc,tmp,proc,sys,dev}
  cp "$work/busybox" "$work/tree/bin/busybox"
  for program in sh ls cat id echo sleep env pwd readlink mount ln mkdir stat; do ln -s busybox "$work/tree/bin/$program"; done
  echo 'root:x:0:0::/root:/bin/sh' >"$work/tree/etc/passwd"
}

# box NAME: the tree as a container of the runtime's alone, asleep.
box() {
  mkdir -p "$work/$1"
  "$runtime" spec --bundle "$work/$1"
  jq --arg root "$work/tree" '.root.path = $root | .process.terminal = false | .process.args = ["/bin/sleep", "1000"]' \
    "$work/$1/config.json" >"$work/$1/new"
  mv "$work/$1/new" "$work/$1/config.json"
  "$runtime" run --detach --bundle "$work/$1" "$1" </dev/null >/dev/null 2>&1
}

# image NAME CONFIG_JSON: the tree becomes localhost/NAME:1.
image() {
  layout_new "$work/layout"
  layout_add_layer "$work/tree"
  layout_tag 1 "$(jq -c '{Cmd: ["/bin/sh"], Env: ["PATH=/bin"]} + .' <<<"$2")"
  podsctl image import "oci:$work/layout:1" "localhost/$1:1" 2>&1
}

# The agent's highest resident memory, in KiB, since forget_peak.
forget_peak() { echo 5 >"/proc/$agent/clear_refs"; }
peak() { awk '/VmHWM/ { print $2 }' "/proc/$agent/status"; }

# answers: the agent answers in time.
answers() { timeout $((5 * patience)) podsctl get pods; }

why() { container "$1" main '"\(.state.waiting.reason // .state.terminated.reason // "") \(.state.waiting.message // .state.terminated.message // "")"'; }

# ---- the host ------------------------------------------------------------------------------------------------------------

# What the world would look like other than before if an attack had worked.
host_state() {
  sha256sum "$programs"/* /usr/bin/podsctl /usr/bin/systemctl /bin/sh
  find /etc "$canary" ! -path '/etc/pods.d*' -printf '%p %m %U:%G %s %l\n' | sort
  find /etc "$canary" -type f ! -path '/etc/pods.d*' -exec sha256sum {} + | sort -k2
  find / -maxdepth 1 -printf '%p %m %U:%G\n' | sort
  find /dev -maxdepth 1 \( -type b -o -type c \) ! -name 'tty*' ! -name 'vcs*' -printf '%p %m %U:%G\n' | sort
  cut -d' ' -f4- /proc/1/mountinfo | grep -v ' /run/user' | sort
  grep -s . /proc/sys/kernel/{core_pattern,modprobe,hostname,shmmax,randomize_va_space} /proc/sys/net/ipv4/ip_forward || true
  ss -xlH | grep -c '@.*podsd' || true
  systemctl show -P SuccessAction -P FailureAction -- -.slice init.scope 2>/dev/null || true
}

remember_host() { host_state >"$work/host" 2>/dev/null; }

host_is_untouched() {
  host_state >"$work/host.now" 2>/dev/null
  diff "$work/host" "$work/host.now" >&2 || return 1
  systemctl is-active -q podsd.service || { echo 'podsd.service is not active' >&2; return 1; }
  [[ $(agent_pid) == "$agent" ]] || { echo 'the agent was restarted' >&2; return 1; }
}

# clear: removes every pod and waits until nothing of them lives.
clear_pods() {
  find "$pods_d" -mindepth 1 -delete
  wait_for 30 no_pods
}
no_pods() { [[ -z $(systemctl list-units --no-legend --plain 'pods-*.slice' --state=active) ]]; }
