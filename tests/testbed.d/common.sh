# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: messages, the exit status for the testbed's own failures, and the list of clean-up actions.

readonly testbed_failure=125  # as docker and podman: the tool failed, not the command

note() { printf 'testbed: %s\n' "$*" >&2; }

detail() {
  [[ -z ${testbed_verbose:-} ]] || note "[${SECONDS}s] $*"
}

die() {
  note "$@"
  exit "$testbed_failure"
}

require() {
  local tool
  for tool; do
    command -v "$tool" >/dev/null || die "$tool is missing; run tests/setup"
  done
}

# Clean-up actions run once, last registered first, whatever ends the script.
cleanup_actions=()

at_exit() { cleanup_actions+=("$*"); }

run_cleanup() {
  local status=$? action
  trap '' INT TERM HUP
  trap - EXIT
  set +e
  while ((${#cleanup_actions[@]})); do
    action=${cleanup_actions[-1]}
    unset 'cleanup_actions[-1]'
    eval "$action"
  done
  exit "$status"
}

trap_signals() {
  trap run_cleanup EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# await SECONDS COMMAND...: retries until COMMAND succeeds; fails when the deadline has passed.
await() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.02
  done
}
