# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: one machine's own directory on the host, the streams between the caller and the command, and its end.
# A run's directory and cgroups bear its id; a lock held by the run's processes tells the living from the dead.

run_open() {
  local guard
  run_id=podsd-testbed-$BASHPID-$(od -An -N3 -tx1 /dev/urandom | tr -d ' \n')
  run_dir=$cache/run/$run_id
  run_token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  exec {guard}>>"$cache/run/.guard"
  flock "$guard"
  run_remove_dead
  at_exit run_close
  exec {run_lock}>>"$run_dir.lock"
  flock -n "$run_lock"
  exec {guard}>&-
  mkdir -p "$run_dir"/{io,upper,work,state,containers,bind}
}

run_close() {
  rm -rf --one-file-system "$run_dir"
  rm -f "$run_dir.lock"
}

# A testbed that was killed with SIGKILL could not clean up: the next one does.
run_remove_dead() {
  local lock id
  for lock in "$cache"/run/*.lock; do
    [[ -e $lock ]] || continue
    id=${lock##*/} id=${id%.lock}
    (
      flock -n 9 || exit 0
      cgroup_remove "$id"
      rm -rf --one-file-system "$cache/run/$id"
      rm -f "$lock"
    ) 9>>"$lock"
  done
}

# run_settings AGENT INTERACTIVE TTY [COMMAND...]: what inside/run reads.
run_settings() {
  local agent=$1 interactive=$2 tty=$3 stream
  shift 3
  {
    printf '%s=%q\n' agent "$agent" interactive "$interactive" tty "$tty" terminal "${TERM:-dumb}"
    for stream in stdin stdout stderr status; do
      printf '%s_stream=%q\n' "$stream" "/run/testbed/$stream"
    done
    printf '%s=%q\n' backend "$backend" token "$run_token"
    printf 'export PODSD_TESTBED_ID=%q PODSD_TESTBED_BACKEND=%q PODSD_TESTBED_SUITE=%q\n' "$run_id" "$backend" "$suite"
  } >"$run_dir/io/settings"
  (($# == 0)) || printf '%s\0' "$@" >"$run_dir/io/argv"
}

# Everything that is this machine's own and must be in place before its PID 1 starts.
run_fill_root() {
  local upper=$1 agent=$2 wants
  wants=$upper/etc/systemd/system/multi-user.target.wants
  mkdir -p "$wants"
  tr -d - </proc/sys/kernel/random/uuid >"$upper/etc/machine-id"
  ln -s /usr/lib/systemd/system/testbed-command.service "$wants/"
  [[ $backend != vm ]] || ln -s /usr/lib/systemd/system/testbed-streams.service "$wants/"
  ((!agent)) || ln -s /usr/lib/systemd/system/podsd.service "$wants/"
}

# A background process that ends with the testbed, however that ends.
helper() { exec setpriv --pdeathsig TERM -- "$@"; }

# streams_open: connects the caller's stdin, stdout and stderr with the fifos in DIR. The machine's keeper
# holds their other ends open, so that they end when the machine does, whoever in it opened them.
streams_open() {
  local io=$1
  mkfifo "$io"/{stdin,stdout,stderr,status}
  helper cat "$io/stdout" &
  stream_pids=($!)
  helper cat "$io/stderr" >&2 &
  stream_pids+=($!)
  # Without the redirection the shell gives a background process /dev/null.
  helper cat <&0 >"$io/stdin" 2>/dev/null &
  stdin_pid=$!
  at_exit streams_close
}

streams_close() {
  kill ${stdin_pid:+"$stdin_pid"} "${stream_pids[@]}" 2>/dev/null
  wait ${stdin_pid:+"$stdin_pid"} "${stream_pids[@]}" 2>/dev/null
}

streams_drain() { wait "${stream_pids[@]}" || true; }

# The watcher turns the status fifo into files that the main shell reads once `wait`, which signals interrupt, returns.
watch_status() {
  local io=$1 seconds=$2 line
  exec <"$io/status"
  read -r -t "$seconds" line || line=silent
  echo "$line" >"$io/first"
  [[ $line == started ]] || return 0
  # A machine that reboots starts its command again.
  while [[ $line == started ]]; do read -r line || line=ended; done
  echo "$line" >"$io/last"
}

# command_status IO: the exit status that the testbed passes on.
command_status() {
  local io=$1 first last
  first=$(cat "$io/first" 2>/dev/null || true)
  case $first in
    started) ;;
    failed) note "the agent did not become ready"; return "$testbed_failure" ;;
    *) note "the machine did not start the command"; machine_log; return "$testbed_failure" ;;
  esac
  last=$(cat "$io/last" 2>/dev/null || true)
  [[ $last == "exit "* ]] || { note "the machine ended before the command did"; machine_log; return "$testbed_failure"; }
  return "${last#exit }"
}

machine_log() {
  [[ ! -s $run_dir/console ]] || tail -n 60 "$run_dir/console" >&2
}
