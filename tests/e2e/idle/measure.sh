# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: idle pods and what they cost. Sourced after lib.sh, by this scenario and by the benchmark of the same name.

# idle_pods NUMBER: that many pods of one sleeping container, all ready.
idle_pods() {
  local i
  for ((i = 1; i <= $1; i++)); do
    put "idle-$i.yaml" <<END
apiVersion: v1
kind: Pod
metadata: {name: idle-$i}
spec:
  containers:
  - {name: main, image: "localhost/busybox:1", command: [sleep, infinity]}
END
  done
  wait_for 60 ready_pods "$1"
  # What starting left to do, down to the journal's last line, is not idleness.
  journalctl --sync
  wait_for 30 agent_still
}

# agent_switches: how often the agent's threads have gone to sleep so far, which is how often they woke up.
agent_switches() { awk '/^voluntary_ctxt_switches/ { s += $2 } END { print s }' /proc/"$(agent_pid)"/task/*/status; }

# agent_still: the agent has not woken up for half a second.
agent_still() {
  local before
  before=$(agent_switches)
  sleep 0.5
  [[ $(agent_switches) == "$before" ]]
}

# agent_wakeups SECONDS: how often the agent wakes up in that time.
agent_wakeups() {
  local before
  before=$(agent_switches)
  sleep "$1"
  echo $(($(agent_switches) - before))
}

# memory_of PID FIELD: Rss or Pss, in KB (proc(5): smaps_rollup).
memory_of() { awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/smaps_rollup"; }

# sandboxes_pss: the PSS of each podsd-sandbox in KB, the smallest first.
sandboxes_pss() {
  local pid
  for pid in $(pgrep -x podsd-sandbox); do memory_of "$pid" Pss; done | sort -n
}
