# shellcheck shell=bash
# shellcheck disable=SC2016  # what runs in a container
# SPDX-License-Identifier: Apache-2.0
# Out of a user namespace: pods with hostUsers: false.

readonly own_users='{"hostUsers": false, "restartPolicy": "Always"}'

# own_pod NAME [CONTAINER_JSON] [SPEC_JSON]: such a pod, running; $range is its first id.
own_pod() {
  pod "$1" "$stays" "${2:-{\}}" "$(jq -nc --argjson own "$own_users" --argjson spec "${3:-{\}}" '$own + $spec')"
  wait_for 20 running "$1" main
  range=$(pod_json "$1" .status.userNamespace.hostID)
}

# as_root_of POD COMMAND...: as root of its user namespace, with the host's processes and files in sight.
as_root_of() {
  local pid
  pid=$(pid_of "$1" main)
  shift
  nsenter --target "$pid" --user --setuid 0 --setgid 0 -- "$@"
}

case_setuid_file_planted_in_a_volume() {
  own_pod planter '{"volumeMounts": [{"name": "data", "mountPath": "/data"}]}' '{"volumes": [{"name": "data", "emptyDir": {}}]}'
  podsctl exec planter -- sh -c 'cp /bin/busybox /data/su; chmod 4755 /data/su; cp /bin/busybox /su; chmod 4755 /su'
  equal "who owns a setuid file" "$range $range" \
    "$(find /var/lib/podsd/pods/pods-planter -name su -printf '%U\n' | xargs)"
}

case_devices_and_mounts_of_a_user_namespace() {
  local script
  own_pod mighty '{"securityContext": {"privileged": true}}'
  for script in 'mknod /disk b 8 0' 'echo x >/proc/sys/kernel/core_pattern' 'echo 1 >/proc/sys/kernel/sysrq' 'cat /proc/kcore' \
    'mkdir -p /m; mount -t ext4 /dev/vda /m' 'chroot /proc/1/root cat /srv/canary/file' 'echo b >/proc/sysrq-trigger' 'dmesg -n 1'; do
    refute "root of a user namespace: $script" podsctl exec mighty -- sh -c "$script"
  done
}

case_out_of_reach_of_a_user_namespace() {
  local sandbox other
  own_pod first
  own_pod second
  sandbox=$(cat "/sys/fs/cgroup$(systemctl show -P ControlGroup pods-first.scope)/cgroup.procs")
  other=$(pid_of second main)
  refute "one's own sandbox" as_root_of first kill -0 "$sandbox"
  refute "its files" as_root_of first ls "/proc/$sandbox/root/"
  refute "the agent" as_root_of first kill -0 "$agent"
  refute "another pod" as_root_of first kill -0 "$other"
  refute "its network" as_root_of first nsenter --net="/proc/$other/ns/net" true
  refute "its users" as_root_of first nsenter --user="/proc/$other/ns/user" true
  refute "the host's network" as_root_of first nsenter --net=/proc/1/ns/net true
  refute "the host's files" as_root_of first cat "$canary/file"
}

case_ids_beyond_a_user_namespace() {
  local id
  for id in 65536 70000 4294967294; do
    tree
    image "far$id" "{\"User\": \"$id\"}" >/dev/null
    pod "far$id" 'echo "ran as $(id -u)"; sleep 600' "{\"image\": \"localhost/far$id:1\"}" '{"hostUsers": false}'
    wait_for 20 waits "far$id"
    contains "USER $id" "$(why "far$id")" "CreateContainerConfigError user $id is beyond"
    refute "USER $id ran" grep -q 'ran as' <<<"$(printed "far$id")"
    put far.yaml <<<"{apiVersion: v1, kind: Pod, metadata: {name: far}, spec: {hostUsers: false, containers: [{name: main, image: \"localhost/busybox:1\", securityContext: {runAsUser: $id}}]}}"
    refute "runAsUser $id is valid" podsctl validate "$pods_d/far.yaml"
  done
}

case_another_pods_files_by_a_host_path() {
  own_pod keeper '{"volumeMounts": [{"name": "data", "mountPath": "/data"}]}' '{"volumes": [{"name": "data", "emptyDir": {}}]}'
  podsctl exec keeper -- sh -c 'echo private >/data/file; chmod 0600 /data/file'
  own_pod spy '{"volumeMounts": [{"name": "of", "mountPath": "/of"}]}' \
    '{"volumes": [{"name": "of", "hostPath": {"path": "/var/lib/podsd/pods/pods-keeper/volumes/data"}}]}'
  equal "whose file it is" 65534 "$(podsctl exec spy -- stat -c %u /of/file)"
  refute "read it" podsctl exec spy -- cat /of/file
  refute "own it" podsctl exec spy -- chown 0 /of/file
}
