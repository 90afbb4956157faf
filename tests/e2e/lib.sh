# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: what end-to-end scenarios share: checks that say what failed, waiting with a deadline, short words for pods.
# Sourced by tests/e2e/NAME/run, which runs as root inside a machine of tests/testbed.

set -Eeuo pipefail
export SYSTEMD_PAGER='' SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0 LANG=C.UTF-8
readonly pods_d=/etc/pods.d

exec 3>&2  # where failures go, also out of a captured command
trap 'fail "line $LINENO: unexpected status $? of: $BASH_COMMAND"' ERR

# fail WHAT [DETAILS]: says what is wrong and what the agent knows of it, and ends the scenario.
fail() {
  trap - ERR
  set +e
  {
    printf 'FAIL: %s\n' "$1"
    [[ -z ${2:-} ]] || printf '%s\n' "$2" | sed 's/^/  | /'
    echo '--- pods'
    timeout 5 podsctl get pods -A -o wide
    echo '--- journal of podsd.service, the last lines'
    journalctl -q --no-pager -u podsd.service -n 40 -o short-precise | tail -n 60
    echo '--- units'
    systemctl list-units --no-legend --no-pager --all 'pods-*'
  } >&3
  # Also out of a $(…): errexit of the caller would not say why.
  [[ $BASHPID == "$$" ]] || kill -TERM "$$"
  exit 1
}

now_ms() { printf '%s\n' "$((${EPOCHREALTIME/./} / 1000))"; }

# topic WORDS: a heading, with the time since the scenario's start.
topic() { printf '%6d ms  %s\n' "$(($(now_ms) - scenario_start))" "$*"; }
scenario_start=$(now_ms)

# How much slower than elsewhere things are: by how much deadlines are longer in an emulated machine.
patience=1
[[ ${PODSD_TESTBED_BACKEND:-} != vm ]] || patience=10
readonly patience

# wait_for SECONDS COMMAND...: until COMMAND succeeds; a failure when SECONDS have passed, times what a busy or emulated machine may need.
wait_for() {
  local seconds=$(($1 * (patience > 4 ? patience : 4))) end output
  end=$(($(now_ms) + seconds * 1000))
  shift
  until "$@" >/dev/null 2>&1; do
    if (($(now_ms) >= end)); then
      ! output=$("$@" 2>&1) || return 0
      fail "waited ${seconds}s for: $*" "$output"
    fi
    sleep 0.05
  done
}

# check WHAT COMMAND...: COMMAND must succeed.
check() {
  local what=$1 output
  shift
  output=$("$@" 2>&1) || fail "$what" "$(printf 'command: %s\n%s' "$*" "$output")"
}

# refute WHAT COMMAND...: COMMAND must fail.
refute() {
  local what=$1 output
  shift
  ! output=$("$@" 2>&1) || fail "$what" "$(printf 'this succeeded: %s\n%s' "$*" "$output")"
}

# equal WHAT EXPECTED ACTUAL
equal() {
  [[ $2 == "$3" ]] || fail "$1" "$(printf 'expected: %s\nactual:   %s' "$2" "$3")"
}

# contains WHAT TEXT FIXED_STRING: TEXT has the string in one of its lines.
contains() {
  [[ $2 == *"$3"* ]] || fail "$1" "$(printf 'expected to find: %s\nin:\n%s' "$3" "$2")"
}

# matches WHAT TEXT REGEX: one line of TEXT matches the extended regular expression.
matches() {
  grep -qE -- "$3" <<<"$2" || fail "$1" "$(printf 'expected a match of: %s\nin:\n%s' "$3" "$2")"
}

# status_is STATUS WHAT COMMAND...: COMMAND must exit with STATUS.
status_is() {
  local wanted=$1 what=$2 got=0 output
  shift 2
  output=$("$@" 2>&1) || got=$?
  [[ $got == "$wanted" ]] || fail "$what: exit status" "$(printf 'expected %s, got %s: %s\n%s' "$wanted" "$got" "$*" "$output")"
}

# ---- pods. NAME is POD or NAMESPACE/POD ----------------------------------------------------------------------------------

# put FILE: standard input becomes /etc/pods.d/FILE, by one rename.
put() {
  cat >"$pods_d/.$1.new"
  mv "$pods_d/.$1.new" "$pods_d/$1"
}

# take FILE...: removes the files from /etc/pods.d.
take() {
  local file
  for file; do rm -rf "${pods_d:?}/$file"; done
}

# pod_json NAME JQ: what the filter gives for the pod's object, raw.
pod_json() {
  local ns=default
  [[ $1 != */* ]] || ns=${1%%/*}
  podsctl get pod -n "$ns" "${1##*/}" -o json | jq -r "$2"
}

# container NAME CONTAINER JQ: what the filter gives for a container's status (init containers too).
container() {
  pod_json "$1" "[.status.initContainerStatuses[]?, .status.containerStatuses[]?] | map(select(.name == \"$2\"))[0] | $3"
}

pid_of() { container "$1" "$2" '.pid // 0'; }

# containers_of_all: "NAMESPACE/POD CONTAINER PID RESTARTS" for each container of each pod, sorted; one call of podsctl.
containers_of_all() {
  podsctl get pods -A -o json | jq -r '.items[] | "\(.metadata.namespace)/\(.metadata.name)" as $pod
    | .status.containerStatuses[]? | "\($pod) \(.name) \(.pid // 0) \(.restartCount)"' | sort
}

# pod_is NAME JQ VALUE, container_is NAME CONTAINER JQ VALUE: for wait_for and check; they print what they saw.
pod_is() {
  local got
  got=$(pod_json "$1" "$2") || { echo "$got"; return 1; }
  [[ $got == "$3" ]] || { printf 'pod %s: %s is: %s\n' "$1" "$2" "$got"; return 1; }
}
container_is() {
  local got
  got=$(container "$1" "$2" "$3") || { echo "$got"; return 1; }
  [[ $got == "$4" ]] || { printf 'pod %s, container %s: %s is: %s\n' "$1" "$2" "$3" "$got"; return 1; }
}

running() { container_is "$1" "$2" 'has("pid") and (.state | has("running"))' true; }
phase() { pod_is "$1" .status.phase "$2"; }
ready() { pod_is "$1" '.status.conditions[] | select(.type == "Ready").status' True; }
gone() { ! podsctl get pod "$1" 2>&1; }

# ready_pods NUMBER: that many pods are ready.
ready_pods() {
  local got
  got=$(podsctl get pods -A -o json |
    jq '[.items[].status.conditions[]? | select(.type == "Ready" and .status == "True")] | length')
  [[ $got == "$1" ]] || { echo "$got pods are ready"; return 1; }
}

# unit_lines UNIT [JOURNALCTL_OPTION...]: the messages of a unit, one per line, oldest first.
unit_lines() {
  local unit=$1
  shift
  journalctl --sync
  journalctl -q --no-pager -o cat -u "$unit" "$@"
}

# unit_says UNIT FIXED_STRING
unit_says() { unit_lines "$1" | grep -qF -- "$2"; }

# agent_says FIXED_STRING: the agent has written that to the journal, whomever it is about.
agent_says() { journalctl -q --no-pager -o cat SYSLOG_IDENTIFIER=podsd | grep -qF -- "$1"; }

agent_pid() { systemctl show -P MainPID podsd.service; }
