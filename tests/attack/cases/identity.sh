# shellcheck shell=bash
# shellcheck disable=SC2016  # what runs in a container
# SPDX-License-Identifier: Apache-2.0
# Who a process is: users, groups, environments, and what an image says of them.

# refused_user NAME USER: an image with that USER must not run.
refused_user() {
  tree
  image "$1" "$(jq -nc --arg user "$2" '{User: $user}')" >/dev/null || true
  pod "$1" 'echo "ran as $(id -u)"; sleep 600' '{"image": "localhost/'"$1"':1"}'
  wait_for 20 stuck_or_unknown "$1"
  refute "USER $2 ran" grep -q 'ran as' <<<"$(printed "$1")"
}
stuck_or_unknown() { stuck "$1" || printed "$1" | grep -q '^ran as' || ! podsctl image list -o name | grep -q "localhost/$1:"; }

case_uid_wraps_to_root() {
  refused_user wrap 4294967296
  refused_user wrapped 4294967295
  refused_user negative -1
  refused_user huge 18446744073709551616
  refused_user groupwrap 1000:4294967296
}

case_manifest_uid_wraps() {
  local value
  for value in 4294967296 4294967295 -1 2147483648000 1.5 '"0"'; do
    put wrap.yaml <<<"{apiVersion: v1, kind: Pod, metadata: {name: wrap}, spec: {containers: [{name: main, image: \"localhost/busybox:1\", securityContext: {runAsUser: $value}}]}}"
    refute "runAsUser $value is valid" podsctl validate "$pods_d/wrap.yaml"
  done
}

case_newline_in_user() {
  refused_user newline $'nobody\nroot:x:0:0'
  refused_user line $'nobody\nroot'
  refused_user colon 'root:root:root'
}

case_newline_in_home() {
  tree
  printf 'root:x:0:0::/root\rLD_PRELOAD=/evil.so:/bin/sh\nodd:x:7:7::/h\x01me:/bin/sh\n' >"$work/tree/etc/passwd"
  image home '{}' >/dev/null
  attack home 'env' '{"image": "localhost/home:1"}'
  equal "the home of a user whose line is none" HOME=/ "$(grep -a ^HOME <<<"$said" || true)"
}

# Zeroes that take no room in a layer: the agent must not read them.
case_giant_passwd() {
  tree
  truncate -s 200M "$work/tree/etc/passwd"
  local before
  forget_peak
  before=$(peak)
  image giant '{"User": "root"}' >/dev/null || true
  pod giant 'echo ran' '{"image": "localhost/giant:1"}'
  wait_for 30 stuck_or_unknown giant
  check "the agent's memory" test $(($(peak) - before)) -lt 20000
  rm -rf "$work/layout"
}

case_passwd_is_a_fifo_or_a_device() {
  tree
  rm "$work/tree/etc/passwd"
  mkfifo "$work/tree/etc/passwd"
  image fifo '{"User": "someone"}' >/dev/null || true
  pod fifo 'echo ran' '{"image": "localhost/fifo:1"}'
  wait_for 20 stuck_or_unknown fifo
  check "the agent answers" answers
}

case_passwd_leads_to_the_host() {
  tree
  rm "$work/tree/etc/passwd"
  ln -s ../../../../../../../../../../etc/passwd "$work/tree/etc/passwd"
  image hostpasswd '{"User": "messagebus"}' >/dev/null || true
  pod hostpasswd 'echo ran' '{"image": "localhost/hostpasswd:1"}'
  wait_for 20 stuck_or_unknown hostpasswd
  refute "a user of the host's" grep -q ran <<<"$(printed hostpasswd)"
}

# A user's groups are those of the manifest and the image, and none of the agent's, which has none, or of another caller's.
case_groups_of_the_agent() {
  attack groups 'id -G' '{"securityContext": {"runAsUser": 1000, "runAsGroup": 2000}}'
  equal "groups" 2000 "$said"
  tree
  box groups
  equal "groups, of a caller with more" 2000 "$(setpriv --groups 4242 "$runtime" exec --user 1000:2000 groups /bin/id -G)"
  "$runtime" delete --force groups
}

case_environment_of_an_image() {
  tree
  image environment '{"Env": ["PATH=/evil", "LD_PRELOAD=/evil.so", "_PODSD_RUNTIME_PROTECTED=1", "LD_LIBRARY_PATH=/evil", "GCONV_PATH=/evil", "NOTIFY_SOCKET=/run/systemd/notify", "=x", "NOEQUALS"]}' >/dev/null || true
  attack environment '/bin/busybox env' '{"image": "localhost/environment:1"}'
  # The shell adds PWD and SHLVL.
  equal "the environment" "GCONV_PATH=/evil HOME=/root HOSTNAME=environment LD_LIBRARY_PATH=/evil LD_PRELOAD=/evil.so NOTIFY_SOCKET=/run/systemd/notify PATH=/evil _PODSD_RUNTIME_PROTECTED=1" \
    "$(grep -vE '^(PWD|SHLVL|NOEQUALS|=x)' <<<"$said" | sort | xargs)"
}

case_run_as_non_root() {
  pod nonroot 'echo "ran as $(id -u)"' '{"securityContext": {"runAsNonRoot": true}}'
  wait_for 20 stuck nonroot
  refute "root ran" grep -q 'ran as 0' <<<"$(printed nonroot)"
}

case_programs_are_not_overwritten() {
  tree
  ln -s /proc/self/exe "$work/tree/bin/entry"
  image overwrite '{}' >/dev/null
  attack self '/bin/true' '{"image": "localhost/overwrite:1", "command": ["/proc/self/exe", "--version"]}' || true
  attack entry '/bin/true' '{"image": "localhost/overwrite:1", "command": ["/bin/entry", "--version"]}' || true
  pod scribbler "/probe scribble $((6 * patience)); sleep 600"
  wait_for 20 running scribbler main
  local try
  # The runtime itself, for as long as it runs a process of the container's (CVE-2019-5736); and on its way to one.
  for try in {1..20}; do
    podsctl exec scribbler -- /proc/self/exe features >/dev/null 2>&1 || true
    podsctl exec scribbler -- /bin/true >/dev/null 2>&1 || true
  done
  wait_for 20 eval 'podsctl logs scribbler | grep -q "^ok"'
  refute "a program was opened for writing" grep -q '^wrote' <<<"$(podsctl logs scribbler)"
}

case_only_root_commands() {
  refute "a user of the host calls the agent" setpriv --reuid=65534 --clear-groups busctl call org.podsd1 /org/podsd1 org.podsd1.Manager ListPods
  pod quiet 'sleep 600'
  wait_for 20 running quiet main
  refute "a user reads the state" setpriv --reuid=65534 --clear-groups ls /run/podsd/pods
  refute "a user reads the images' folder" setpriv --reuid=65534 --clear-groups ls /var/lib/podsd/images
  equal "modes" "700" "$(find /run/podsd -maxdepth 1 -name pods -printf '%m\n')"
}

case_abstract_sockets() {
  local host
  "$probe" listen of-the-host & host=$!
  wait_for 10 eval 'ss -xlH | grep -q "@of-the-host"'
  attack abstract '/probe connect of-the-host; echo end'
  kill "$host"
  contains "it ran" "$said" end
  refute "it reached a socket of the host" grep -q '^ok' <<<"$said"
}
