# shellcheck shell=bash
# shellcheck disable=SC2016  # what runs in a container
# SPDX-License-Identifier: Apache-2.0
# Paths that an image, a volume or a process controls: rule 1, 2 and 3 of a safe runtime. Every component may be a link,
# or become one while somebody looks.

# A file descriptor of the runtime that leads to the host, as a working directory (CVE-2024-21626).
case_workdir_of_a_leaked_fd() {
  local fd
  tree
  for fd in 3 4 5 6 7 8 9 10; do ln -s "/proc/self/fd/$fd" "$work/tree/wd$fd"; done
  image workdir '{"WorkingDir": "/proc/self/fd/7"}' >/dev/null
  for fd in 3 5 7 8 9; do
    pod "fd$fd" 'pwd; ls ../../../srv/canary; cat ../../../srv/canary/file' "{\"image\": \"localhost/workdir:1\", \"workingDir\": \"/proc/self/fd/$fd\"}"
    pod "wd$fd" 'pwd; ls ../../../srv/canary; cat ../../../srv/canary/file' "{\"image\": \"localhost/workdir:1\", \"workingDir\": \"/wd$fd\"}"
  done
  for fd in 3 5 7 8 9; do
    wait_for 20 ended "fd$fd"
    wait_for 20 ended "wd$fd"
    refute "the host's files by fd $fd" grep -q untouched <<<"$(printed "fd$fd" "wd$fd")"
  done
  leaking_caller
}

# The agent leaks none. One that the runtime's caller leaks is open until the program's execve(2).
leaking_caller() {
  box leak
  contains "the runtime's word on it" "$("$runtime" exec --cwd /proc/self/fd/9 leak /bin/cat file 9<"$canary" 2>&1 || true)" \
    "outside the container's root"
  # The fourth is ls's own.
  equal "descriptors of a program" "0 1 2 3" "$("$runtime" exec leak /bin/ls /proc/self/fd 9<"$canary" | xargs)"
  "$runtime" delete --force leak
}

case_no_fd_of_the_host() {
  attack fds 'for f in /proc/self/fd/*; do echo "${f##*/} $(readlink "$f")"; done'
  # ls and the shell's loop open no more than the three; the socket is journald's.
  equal "file descriptors" "0 1 2" "$(grep -E '^[0-9]+ ' <<<"$said" | grep -v /proc | cut -d' ' -f1 | xargs)"
}

# Standard input is a null device: the host's own would be the host's to lose.
case_null_device_of_the_host() {
  attack nullmode 'chmod 000 /proc/self/fd/0 /dev/stdin; chown 7:7 /proc/self/fd/0; ls -lL /proc/self/fd/0'
  matches "it changed one" "$said" '^c---------.* 1, +3 '
}

case_mount_target_is_a_link() {
  tree
  ln -s ../../../../../../../../../../srv/canary "$work/tree/data"
  ln -s /proc/1/root/srv/canary "$work/tree/magic"
  image links '{}' >/dev/null
  for target in /data /data/deep /magic /magic/deep; do
    attack "t${target//\//-}" 'grep -qE " /(srv/canary|data|magic)" /proc/self/mountinfo || echo outside; echo evil >'"$target"'/evil' \
      '{"image": "localhost/links:1", "volumeMounts": [{"name": "v", "mountPath": "'"$target"'"}]}' '{"volumes": [{"name": "v", "emptyDir": {}}]}' || true
    refute "the volume on $target is not in the container's root" grep -q outside <<<"$said"
    refute "a volume on $target reached the host" test -e "$canary/evil"
    refute "a folder was made on the host" test -e "$canary/deep"
  done
}

case_etc_of_the_image_is_a_link() {
  tree
  rm -r "$work/tree/etc"
  ln -s /../../../srv/canary "$work/tree/etc"
  image etclink '{}' >/dev/null
  attack etclink 'echo evil >/etc/hosts; echo evil >/etc/evil' '{"image": "localhost/etclink:1"}'
  refute "/etc of the image led to the host" test -e "$canary/hosts" -o -e "$canary/evil"
}

case_hosts_file_is_a_link() {
  local target
  for target in ../../../../srv/canary/file /srv/canary/file /srv/canary/made; do
    tree
    ln -s "$target" "$work/tree/etc/hosts"
    ln -s "$target" "$work/tree/etc/resolv.conf"
    image hostslink '{}' >/dev/null
    attack hostslink 'echo evil >>/etc/hosts; echo evil >>/etc/resolv.conf; ls -l /etc' '{"image": "localhost/hostslink:1"}'
    equal "the host's file" untouched "$(<"$canary/file")"
    equal "files made on the host" file "$(ls "$canary")"
    take hostslink.json
    wait_for 20 gone hostslink
  done
}

# /proc as a link lets the runtime's own writes to /proc land elsewhere (CVE-2019-16884, CVE-2019-19921).
case_proc_is_a_link() {
  tree
  rmdir "$work/tree/proc"
  mkdir "$work/tree/elsewhere"
  ln -s elsewhere "$work/tree/proc"
  image proclink '{}' >/dev/null
  attack proclink 'echo running; cat /proc/self/attr/current' '{"image": "localhost/proclink:1"}'
  refute "a container runs on a /proc that is elsewhere" grep -q running <<<"$said"
  contains "the reason" "$(why proclink)" /proc
}

case_sys_is_a_link() {
  tree
  rmdir "$work/tree/sys"
  ln -s /proc/sys "$work/tree/sys"
  image syslink '{}' >/dev/null
  attack syslink 'echo running; echo /evil >/proc/sys/kernel/core_pattern' '{"image": "localhost/syslink:1"}'
  refute "a container runs on a /sys that is elsewhere" grep -q running <<<"$said"
}

# What masks a path must be the null device, whatever the image says (CVE-2025-31133).
case_null_device_is_a_link() {
  tree
  ln -s /proc/sys/kernel/core_pattern "$work/tree/dev/null"
  ln -s /proc/sysrq-trigger "$work/tree/dev/full"
  image nulllink '{}' >/dev/null
  attack nulllink 'ls -l /dev/null; echo "|/evil" >/dev/null; echo "|/evil" >/proc/keys; cat /proc/kcore | wc -c' '{"image": "localhost/nulllink:1"}'
  matches "/dev/null" "$said" '^crw.* 1, +3 '
}

case_masked_paths_by_detours() {
  attack masked 'for p in /proc/kcore /proc/self/../kcore /proc/1/root/proc/kcore /proc/self/root/proc/keys /proc/thread-self/root/proc/timer_list /proc/1/cwd/proc/kcore; do
      [ -e $p ] && { echo "$p $(head -c 64 $p | wc -c)"; }; done
    umount /proc/kcore && echo unmounted; umount -l /proc && echo unmounted; mount -t proc proc /tmp && echo mounted; mkdir -p /x; mount --bind /proc /x && echo mounted
    mount --move /proc /x && echo mounted; ls /sys/firmware | wc -l; echo end'
  contains "it ran" "$said" end
  refute "a masked path has bytes" grep -E '^/proc.* [1-9]' <<<"$said"
  refute "a mount was changed" grep mounted <<<"$said"
}

case_readonly_proc() {
  attack procro 'echo "|/evil" >/proc/sys/kernel/core_pattern; echo /evil >/proc/sys/kernel/modprobe; echo c >/proc/sysrq-trigger; echo 1 >/proc/irq/0/smp_affinity
    mount -o remount,rw /proc/sys; mount -o remount,rw,bind /proc/sys && echo remounted; echo "|/evil" >/proc/self/root/proc/sys/kernel/core_pattern && echo written; echo end'
  contains "it ran" "$said" end
  refute "written" grep -E '^(written|remounted)' <<<"$said"
}

# A second pod swaps a folder and a link to the host's root in a shared volume while the first mounts into it (CVE-2021-30465).
case_volume_swapped_in_a_loop() {
  local volumes='{"volumes": [{"name": "shared", "hostPath": {"path": "/root/attack/shared", "type": "DirectoryOrCreate"}}, {"name": "in", "emptyDir": {}}]}' try
  rm -rf "$work/shared"
  mkdir -p "$work/shared/sub"
  ln -s ../../../../../../../../.. "$work/shared/link"
  pod swapper 'exec /probe swap /v/sub /v/link 1000' '{"volumeMounts": [{"name": "shared", "mountPath": "/v"}]}' "$volumes"
  wait_for 10 running swapper main
  for try in 1 2 3 4 5 6 7 8 9 10 11 12; do
    pod "victim$try" 'echo evil >/v/sub/srv/canary/evil; echo evil >/v/sub/evil; grep -c canary /proc/self/mountinfo' \
      '{"volumeMounts": [{"name": "shared", "mountPath": "/v"}, {"name": "in", "mountPath": "/v/sub/srv/canary"}]}' "$volumes"
  done
  for try in 1 2 3 4 5 6 7 8 9 10 11 12; do wait_for 30 stuck "victim$try"; done
  refute "a mount reached the host" test -e "$canary/evil"
  refute "the host's root was written" test -e /evil
  # Whoever has started sees its volume: somewhere in its root.
  for try in 1 2 3 4 5 6 7 8 9 10 11 12; do refute "the volume is not in the container's root" grep -q '^0' <<<"$(printed "victim$try")"; done
}

# Making a missing mount target must not follow a link that comes and goes out of the root.
case_target_parent_swapped() {
  local volumes='{"volumes": [{"name": "shared", "hostPath": {"path": "/root/attack/shared2", "type": "DirectoryOrCreate"}}, {"name": "in", "emptyDir": {}}]}' try
  rm -rf "$work/shared2"
  mkdir -p "$work/shared2/sub"
  ln -s /../../../../../srv/canary "$work/shared2/link"
  pod swapper 'exec /probe swap /v/sub /v/link 1000' '{"volumeMounts": [{"name": "shared", "mountPath": "/v"}]}' "$volumes"
  wait_for 10 running swapper main
  for try in 1 2 3 4 5 6 7 8; do
    pod "maker$try" true '{"volumeMounts": [{"name": "shared", "mountPath": "/v"}, {"name": "in", "mountPath": "/v/sub/made'"$try"'/deep"}]}' "$volumes"
  done
  for try in 1 2 3 4 5 6 7 8; do wait_for 30 stuck "maker$try"; done
  equal "folders made on the host" file "$(ls "$canary")"
}

case_layer_writes_through_a_link() {
  layout_new "$work/layout"
  rm -rf "$work/one" "$work/two"
  mkdir -p "$work/one" "$work/two/out"
  ln -s /srv/canary "$work/one/out"
  echo evil >"$work/two/out/evil"
  layout_add_layer "$work/one"
  tar -C "$work/two" -cf "$work/two.tar" out/evil
  layout_add_tar "$work/two.tar"
  layout_tag 1 '{}'
  podsctl image import "oci:$work/layout:1" localhost/through:1 >/dev/null 2>&1 || true
  refute "a layer wrote through a link of another" test -e "$canary/evil"
  rm -rf "$work/layout"
  layout_new "$work/layout"
  tar -C "$work/one" -cf "$work/both.tar" out
  tar -C "$work/two" -rf "$work/both.tar" out/evil
  layout_add_tar "$work/both.tar"
  layout_tag 1 '{}'
  podsctl image import "oci:$work/layout:1" localhost/through:1 >/dev/null 2>&1 || true
  refute "a layer wrote through its own link" test -e "$canary/evil"
}

case_manifest_is_a_link() {
  local file
  echo '{apiVersion: v1, kind: Pod, metadata: {name: linked}, spec: {containers: [{name: main, image: "localhost/busybox:1"}]}}' >/tmp/linked.yaml
  ln -s /tmp/linked.yaml "$pods_d/linked.yaml"
  install -m 0666 /tmp/linked.yaml "$pods_d/.writable"
  mv "$pods_d/.writable" "$pods_d/writable.yaml"
  mkfifo "$pods_d/fifo.yaml"
  ln -s /dev/zero "$pods_d/endless.yaml"
  for file in linked writable fifo endless; do wait_for 10 agent_says "$pods_d/$file.yaml"; done
  refute "such a manifest is taken" podsctl get pod linked
}
