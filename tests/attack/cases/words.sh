# shellcheck shell=bash
# shellcheck disable=SC2016  # what runs in a container
# SPDX-License-Identifier: Apache-2.0
# Words that become something else: names of units, properties, sysctls, log fields.

# refused JSON WHAT: the manifest must not be valid, and not run.
refused() {
  put refused.json <<<"$1"
  refute "$2 is valid" podsctl validate "$pods_d/refused.json"
  take refused.json
}

manifest() { jq -nc --argjson meta "$1" --argjson container "${2:-{\}}" --argjson spec "${3:-{\}}" '{apiVersion: "v1", kind: "Pod", metadata: $meta,
  spec: ({terminationGracePeriodSeconds: 1, containers: [({name: "main", image: "localhost/busybox:1", command: ["sleep", "600"]} + $container)]} + $spec)}'; }

case_unit_names() {
  local name
  for name in ../../x 'a/b' 'a;b' $'a\nb' 'A' 'a_b' '-a' 'a-' 'a@b' 'a%i' 'a\x2d' 'ü' ''; do
    refused "$(manifest "$(jq -nc --arg name "$name" '{name: $name}')")" "pod name $name"
    refused "$(manifest '{"name": "ok"}' "$(jq -nc --arg name "$name" '{name: $name}')")" "container name $name"
    [[ -z $name ]] || refused "$(manifest "$(jq -nc --arg name "$name" '{name: "ok", namespace: $name}')")" "namespace $name"
  done
  # a.b is a pod's name; what a unit of it is called must not end in .slice or .service.
  put dotted.json <<<"$(manifest '{"name": "x.service"}')"
  wait_for 10 running x.service main
  equal "its unit" pods-x.service-main.scope "$(systemctl list-units --plain --no-legend 'pods-x*main.scope' | cut -d' ' -f1)"
}

# One pod cannot take the units of another: pod a with container b-c is not pod a-b with container c.
case_colliding_names() {
  put one.json <<<"$(manifest '{"name": "a"}' '{"name": "b-c"}')"
  put two.json <<<"$(manifest '{"name": "a-b"}' '{"name": "c"}')"
  wait_for 10 running a b-c
  wait_for 10 running a-b c
  refute "one scope for two" test "$(grep ^0: "/proc/$(pid_of a b-c)/cgroup")" = "$(grep ^0: "/proc/$(pid_of a-b c)/cgroup")"
}

# org.systemd.property.* rebooted hosts elsewhere.
case_annotations_are_not_properties() {
  put annotated.json <<<"$(manifest '{"name": "annotated", "annotations": {"org.systemd.property.SuccessAction": "'\''reboot-force'\''", "org.systemd.property.Description": "forged",
    "org.systemd.property.MemoryMax": "uint64 1", "run.oci.hooks.stderr": "/srv/canary/file", "run.oci.systemd.subgroup": "x", "run.oci.handler": "krun", "io.kubernetes.cri.sandbox-id": "../../x",
    "org.opencontainers.image.stopSignal": "SIGKILL", "org.criu.config": "/srv/canary/file"}}')"
  wait_for 10 running annotated main
  equal "SuccessAction" none "$(systemctl show -P SuccessAction pods-annotated-main.scope)"
  equal "Description" "Container main of pod annotated" "$(systemctl show -P Description pods-annotated-main.scope)"
  equal "MemoryMax" infinity "$(systemctl show -P MemoryMax pods-annotated-main.scope)"
}

case_image_annotations_and_labels() {
  tree
  image labels '{"Labels": {"org.systemd.property.SuccessAction": "reboot", "run.oci.hooks.stdout": "/srv/canary/file"}}' >/dev/null
  pod labels 'sleep 600' '{"image": "localhost/labels:1"}'
  wait_for 10 running labels main
  equal "SuccessAction" none "$(systemctl show -P SuccessAction pods-labels-main.scope)"
}

case_sysctl_injection() {
  local name
  for name in kernel.core_pattern kernel.modprobe vm.overcommit_memory 'net.ipv4../../kernel/core_pattern' 'net/../kernel/core_pattern' 'net.ipv4.ip_forward/../../../kernel.core_pattern' \
    kernel.shm_rmid_forced/../core_pattern 'net..ipv4' fs.file-max kernel.domainname $'net.ipv4.tcp_syncookies\nkernel.core_pattern'; do
    put sysctl.json <<<"$(manifest '{"name": "sysctl"}' '{}' "$(jq -nc --arg name "$name" '{securityContext: {sysctls: [{name: $name, value: "|/evil"}]}}')")"
    refute "sysctl $name is valid" podsctl validate "$pods_d/sysctl.json"
    take sysctl.json
  done
  refused "$(manifest '{"name": "sysctl"}' '{}' '{"hostNetwork": true, "securityContext": {"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "0"}]}}')" "a sysctl of the host's network"
}

case_log_injection() {
  attack logs 'ls /run/systemd/journal; printf "MESSAGE=forged\n_SYSTEMD_UNIT=sshd.service\n\nPRIORITY=0\n<0>emergency\n\000nul\033[2J\n"; printf "%s" "__CURSOR=x
_PID=1
MESSAGE=second"'
  equal "every line is the container's" "" "$(journalctl -q -o json -u pods-logs-main.scope | jq -r 'select(._TRANSPORT == "stdout") | select(._SYSTEMD_UNIT != "pods-logs-main.scope") | .MESSAGE')"
  equal "lines of the container" 2 "$(journalctl -q -o cat -u pods-logs-main.scope _TRANSPORT=stdout | grep -c ^MESSAGE= || true)"
  equal "no line came under another name" "" "$(journalctl -q -o cat _SYSTEMD_UNIT=sshd.service)"
}

# Text of a container or image that the agent repeats must stay one field.
case_agent_log_injection() {
  tree
  image inject '{"Entrypoint": ["/no\nPODSD_POD=forged\nMESSAGE=forged"]}' >/dev/null || true
  pod inject 'true' '{"image": "localhost/inject:1", "command": ["/none\nPODSD_EVIL=1\nMESSAGE=forged"]}'
  wait_for 20 stuck inject
  journalctl --sync
  equal "no entry has the field" "" "$(journalctl -q -o cat PODSD_EVIL=1)"
  equal "no entry has the message" "" "$(journalctl -q -o cat MESSAGE=forged)"
}

case_flood_of_output() {
  local before
  forget_peak
  before=$(peak)
  pod flood 'yes "$(head -c 4000 /dev/zero | tr "\0" x)" | head -n '$((20000 / patience))'; head -c '$((20000000 / patience))' /dev/zero; echo end'
  wait_for 60 ended flood
  check "the agent's memory" test $(($(peak) - before)) -lt 8000
}

case_giant_and_nested_manifests() {
  head -c 3000000 /dev/zero | tr '\0' a >"$pods_d/giant.yaml"
  head -c 500000 /dev/zero | tr '\0' '[' >"$pods_d/deep.yaml"
  { printf '{"a": '; head -c 500000 /dev/zero | tr '\0' '['; } >"$pods_d/deep.json"
  printf 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n' >"$pods_d/bomb.yaml"
  wait_for 10 agent_says "$pods_d/giant.yaml: error: has 3000000 bytes, expected at most 1 MiB"
  wait_for 10 agent_says "$pods_d/deep.yaml:1:33: error: "
  wait_for 10 agent_says "$pods_d/deep.json:1:70: error: "
  wait_for 10 agent_says "$pods_d/bomb.yaml:1:4: error: a: anchors are not allowed"
}

case_image_names() {
  local name
  for name in ../../etc/passwd 'localhost/../../x:1' 'sha256:../../../srv/canary' 'localhost/x@sha256:zz' $'localhost/a\nb' '-v' '--help'; do
    pod imagename true "$(jq -nc --arg name "$name" '{image: $name}')"
    refute "image $name is valid" podsctl validate "$pods_d/imagename.json"
    take imagename.json
    wait_for 10 gone imagename
  done
}

case_working_dir_and_mount_path() {
  local path
  for path in ../x relative 'a:b' $'/a\nb'; do
    refused "$(manifest '{"name": "p"}' "$(jq -nc --arg path "$path" '{volumeMounts: [{name: "v", mountPath: $path}]}')" '{"volumes": [{"name": "v", "emptyDir": {}}]}')" "mountPath $path"
  done
  refused "$(manifest '{"name": "p"}' '{"workingDir": "/../../../../srv/canary"}')" "a workingDir with .."
}

case_volume_names() {
  refused "$(manifest '{"name": "p"}' '{}' '{"volumes": [{"name": "../../x", "emptyDir": {}}]}')" "a volume's name"
  refused "$(manifest '{"name": "p"}' '{}' '{"volumes": [{"name": "v", "hostPath": {"path": "/srv/../etc"}}]}')" "a hostPath with .."
}
