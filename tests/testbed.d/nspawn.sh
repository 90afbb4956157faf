# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: the nspawn backend. A keeper (inside of nspawn-keeper) is PID 1 of a pid and mount namespace made for the
# machine: when the testbed ends, by whatever signal, the kernel takes the keeper, and with it every process and mount.

nspawn_prepare() { require systemd-nspawn unshare setpriv; }

nspawn_machine() {
  run_fill_root "$run_dir/upper" "$agent"
  store_copy "$run_dir/state"
  run_settings "$agent" "$interactive" /dev/console "$@"
  nspawn_streams
  nspawn_start
  watch_status "$run_dir/io" "$boot_seconds" &
  wait $! || true
  nspawn_stop
  streams_drain
  command_status "$run_dir/io"
}

# An interactive machine has nspawn's own pseudo terminal on the caller's.
nspawn_streams() {
  if ((interactive)); then
    mkfifo "$run_dir"/io/{stdin,stdout,stderr,status}
    helper cat "$run_dir/io/stderr" >&2 &
    stream_pids=($!)
    at_exit streams_close
  else
    streams_open "$run_dir/io"
  fi
}

nspawn_start() {
  local enter=() trees
  mapfile -t trees < <(cgroup_trees "$run_id")
  if [[ $(cgroup_host) == scope ]]; then
    # shellcheck disable=SC2016  # expands in the scope
    enter=(systemd-run --quiet --scope --collect --slice=system.slice --unit="$run_id.scope" -p Delegate=yes --
      bash -c 'mkdir "$0/keeper" && echo $$ >"$0/keeper/cgroup.procs" && exec "$@"' "${trees[0]}")
  else
    cgroup_create "$run_id"
  fi
  at_exit 'nspawn_stop; cgroup_remove "$run_id"'
  setpriv --pdeathsig KILL -- "${enter[@]}" unshare --pid --fork --kill-child=KILL --mount-proc --propagation private \
    -- "$testbed_d/nspawn-keeper" "$run_dir" "$interactive" "$run_id" "$layer_path:$root_path" "$checkout" \
    "${trees[*]}" "${binds[@]}" <&0 2>"$run_dir/console" &
  keeper_pid=$!
}

# Stopping is pulling the plug: the machine is thrown away, and nobody waits for its shutdown.
nspawn_stop() {
  [[ -n ${keeper_pid:-} ]] || return 0
  # The child of `unshare`, so that `unshare` reaps it; else it would be left to the host's PID 1.
  # shellcheck disable=SC2046  # a list of process ids
  kill -KILL $(cat "/proc/$keeper_pid/task/$keeper_pid/children" 2>/dev/null) 2>/dev/null ||
    kill -KILL "$keeper_pid" 2>/dev/null || true
  wait "$keeper_pid" 2>/dev/null || true
  keeper_pid=
}
