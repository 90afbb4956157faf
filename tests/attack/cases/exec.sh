# shellcheck shell=bash
# shellcheck disable=SC2016  # what runs in a container
# SPDX-License-Identifier: Apache-2.0
# podsctl exec into a container that is hostile: its terminals, its output, its PATH, its /proc and /etc/passwd.

# no_terminal WHAT: `podsctl exec -t` says that it is none, soon.
no_terminal() {
  local output status=0
  output=$(timeout $((20 * patience)) podsctl exec -t pty -- true 2>&1) || status=$?
  equal "a terminal made of $1" 1 "$status"
  contains "what it says of $1" "$output" ptmx
  check "the agent answers" answers
}

# /dev/pts is a volume here, so that ptmx may be anything. Nothing of it may be opened before it is known for a terminal.
case_terminal_of_a_volume() {
  local what
  pod pty 'mkfifo /dev/pts/ptmx; (read -r line </dev/pts/ptmx; echo opened) & '"$stays" \
    '{"volumeMounts": [{"name": "pts", "mountPath": "/dev/pts"}], "securityContext": {"capabilities": {"add": ["MKNOD"]}}}' \
    '{"volumes": [{"name": "pts", "emptyDir": {}}]}'
  wait_for 20 running pty main
  wait_for 20 podsctl exec pty -- test -p /dev/pts/ptmx
  no_terminal "a fifo"
  for what in 'ln -s /proc/1/root/srv/canary/file /dev/pts/ptmx' 'ln -s /srv/canary/file /dev/pts/ptmx' 'ln -s /dev/null /dev/pts/ptmx' \
    'cp /bin/busybox /dev/pts/ptmx' 'mkdir /dev/pts/ptmx' 'mknod /dev/pts/ptmx c 5 2' 'mknod /dev/pts/ptmx c 1 3' 'mknod /dev/pts/ptmx c 4 1'; do
    podsctl exec pty -- sh -c "rm -rf /dev/pts/ptmx; $what"
    no_terminal "$what"
  done
  refute "the fifo was opened" grep -q opened <<<"$(podsctl logs pty)"
}

# Beside a real /dev/pts, the other names of a terminal mean nothing.
case_terminal_under_other_names() {
  pod pty "$stays"
  wait_for 20 running pty main
  podsctl exec pty -- sh -c 'rm -f /dev/ptmx /dev/tty /dev/console; ln -s /srv/canary/file /dev/ptmx; ln -s /srv/canary/file /dev/console; mkfifo /dev/tty'
  equal "a terminal" /dev/pts/0 "$(timeout $((20 * patience)) podsctl exec -t pty -- tty 2>&1 | tr -d '\r' || true)"
}

# Through /proc/self/fd a stream of podsctl's own could be opened anew, to be written.
case_streams_of_the_caller() {
  pod streams "$stays"
  wait_for 20 running streams main
  podsctl exec -i streams -- sh -c 'echo evil >/proc/self/fd/0; cat' <"$canary/file" >/dev/null 2>&1 || true
  equal "the file that was its input" untouched "$(<"$canary/file")"
  equal "what its streams are" "pipe pipe pipe" \
    "$(podsctl exec -i streams -- sh -c 'for n in 0 1 2; do readlink /proc/$$/fd/$n; done' 2>/dev/null <"$canary/file" | cut -d: -f1 | xargs)"
}

case_output_of_exec_is_no_log() {
  local forged='MESSAGE=forged-by-exec\n_SYSTEMD_UNIT=sshd.service\nPODSD_EVIL=2\n\n<0>forged-by-exec\n\033]0;forged-by-exec\007\033[2J\n'
  pod injector "$stays"
  wait_for 20 running injector main
  podsctl exec injector -- printf "$forged" >"$work/out"
  equal "every byte of it" "$(printf "$forged" | sha256sum)" "$(sha256sum <"$work/out")"
  podsctl exec injector -- sh -c "printf '$forged' >&2" 2>/dev/null
  podsctl exec injector -- $'/none\nPODSD_EVIL=2\nMESSAGE=forged' 2>/dev/null || true
  journalctl --sync
  equal "no entry has the field" "" "$(journalctl -q -o cat PODSD_EVIL=2)"
  equal "no entry has its words" "" "$(journalctl -q -o json -u 'pods-injector*' -u podsd.service | grep -a forged-by-exec || true)"
}

case_flood_of_exec() {
  local before flood
  pod flooder "$stays"
  wait_for 20 running flooder main
  forget_peak
  before=$(peak)
  equal "all of it" 100000000 "$(podsctl exec flooder -- head -c 100000000 /dev/zero | wc -c)"
  rm -f "$work/unread"
  mkfifo "$work/unread"
  podsctl exec flooder -- yes >"$work/unread" 2>/dev/null & flood=$!
  exec 9<"$work/unread"
  wait_for 20 eval 'pgrep -x yes'
  check "the agent answers" answers
  attack aside 'echo aside'
  equal "another pod runs" aside "$said"
  check "the agent's memory" test $(($(peak) - before)) -lt 8000
  check "podsctl's memory" test "$(awk '/VmHWM/ { print $2 }' "/proc/$flood/status")" -lt 50000
  kill -9 "$flood"
  exec 9<&-
  wait_for 20 eval '! pgrep -x yes'
  rm "$work/unread"
}

# What is run is the container's, wherever its PATH leads.
case_exec_by_a_hostile_path() {
  local path
  tree
  mkdir "$work/tree/evil"
  printf '#!/bin/sh\necho "of the container"\n' >"$work/tree/evil/systemctl"
  mkfifo "$work/tree/evil/ls"
  chmod 755 "$work/tree/evil"/*
  for path in /evil ../../../../evil:/usr/bin /proc/1/root/evil:/usr/bin "$(printf ':%.0s' {1..20000})/evil"; do
    image path "$(jq -nc --arg path "PATH=$path" '{Env: [$path], WorkingDir: "/tmp"}')" >/dev/null
    pod path 'trap exit TERM; while :; do /bin/sleep 0.1; done' '{"image": "localhost/path:1"}'
    wait_for 20 running path main
    equal "by PATH ${path:0:40}" "of the container" "$(timeout $((20 * patience)) podsctl exec path -- systemctl 2>&1 || true)"
    refute "a fifo is run" timeout $((20 * patience)) podsctl exec path -- ls
    take path.json
    wait_for 20 gone path
  done
}

# The files by which a process is set up: a volume at /proc has others of these names.
case_exec_by_a_hostile_proc() {
  local pid
  pod proc 'mkdir -p /proc/self/fd /proc/self/ns /proc/self/attr /proc/1/ns /proc/sys; : >/proc/self/oom_score_adj; : >/proc/self/attr/exec
    for n in mnt pid net user; do : >/proc/self/ns/$n; : >/proc/1/ns/$n; done; ln -s /bin/busybox /proc/self/exe; mkfifo /proc/self/fd/0 /proc/self/status; '"$stays" \
    '{"volumeMounts": [{"name": "proc", "mountPath": "/proc"}]}' '{"volumes": [{"name": "proc", "emptyDir": {}}]}'
  wait_for 20 running proc main
  wait_for 20 eval '[[ -p $(echo /var/lib/podsd/pods/pods-proc/volumes/proc/self/status) ]]'
  podsctl exec proc -- sleep 4343 &
  wait_for 20 eval 'pgrep -f "^sleep 4343"'
  pid=$(pgrep -f '^sleep 4343')
  equal "its score" "$(<"/proc/$(pid_of proc main)/oom_score_adj")" "$(<"/proc/$pid/oom_score_adj")"
  equal "its capabilities, and the filter" "$(grep -E '^(Cap|Seccomp)' "/proc/$(pid_of proc main)/status")" "$(grep -E '^(Cap|Seccomp)' "/proc/$pid/status")"
  equal "what was written to the volume" "" "$(find /var/lib/podsd/pods/pods-proc -path '*/volumes/*' -type f -size +0)"
  kill -9 "$pid"
}

# home_in WHAT: HOME of a process whose container has such an /etc/passwd.
home_in() {
  (ulimit -v 300000; timeout -s KILL $((20 * patience)) "$runtime" exec passwd /bin/sh -c 'echo "$HOME"') >"$work/home" || true
  equal "HOME, by $1" / "$(<"$work/home")"
}

case_exec_by_a_hostile_passwd() {
  local passwd=$work/tree/etc/passwd
  tree
  box passwd
  rm "$passwd"
  mkfifo "$passwd"
  home_in "a fifo"
  rm "$passwd"
  truncate -s 4G "$passwd"
  home_in "a giant"
  printf 'root:x:4294967296:0::/wrapped:/bin/sh\nroot:x:0:0::relative:/bin/sh\n' >"$passwd"
  home_in "an id beyond"
  rm "$passwd"
  ln -s /srv/canary/file "$passwd"
  home_in "a link"
  "$runtime" delete --force passwd
  # The numbers of a container's user are those of its start.
  tree
  echo 'someone:x:1000:1000::/:/bin/sh' >>"$passwd"
  image someone '{"User": "someone"}' >/dev/null
  pod someone "$stays" '{"image": "localhost/someone:1"}'
  wait_for 20 running someone main
  echo 'someone:x:0:0::/:/bin/sh' >"/proc/$(pid_of someone main)/root/etc/passwd"
  equal "the user" 1000 "$(podsctl exec someone -- id -u)"
}
