# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: the vm backend: one QEMU per machine, with a disk of its own made from the run's directory.

readonly vm_boot_seconds=240
readonly vm_disk_size=8G

vm_prepare() {
  require qemu-system-x86_64 mke2fs socat python3 setpriv
  vm_kernel_ready "$suite"
  vm_image_ready "$root_path" "$root_key"
  vm_accelerator
}

vm_machine() {
  local tty=
  ((!interactive)) || tty=/dev/hvc0
  run_fill_root "$run_dir/upper" "$agent"
  run_settings "$agent" "$interactive" "$tty" "$@"
  detail "making the machine's disk"
  vm_disk "$run_dir"
  detail "starting qemu"
  vm_streams "$run_dir/ports"
  vm_start "$run_dir/ports"
  watch_status "$run_dir/ports" "$vm_boot_seconds" &
  wait $! || true
  detail "the command has ended"
  vm_finish
  command_status "$run_dir/ports"
}

# vm_programs: what the build made for use inside of machines, relative to it.
vm_programs() {
  local folder folders=()
  for folder in tests/{attack,e2e,oci}; do
    [[ ! -d $build/$folder ]] || folders+=("$folder")
  done
  ((!${#folders[@]})) || (cd "$build" && find "${folders[@]}" -type f -perm -u=x)
  [[ ! -x $build/agent/runtime/podsd-runtime ]] || echo agent/runtime/podsd-runtime
}

# vm_disk RUN: RUN/disk.ext4 with the layer, the machine's own files, its image store, the checkout with
# the test programs, and the binds.
vm_disk() {
  local run=$1 disk=$1/disk index=0 pair
  mkdir -p "$disk"/{state,containers,checkout/build,bind}
  cp -a --reflink=auto "$layer_path" "$disk/layer"
  mv "$run/upper" "$run/io" "$disk/"
  store_copy "$disk/state"
  tar -C "$checkout" --exclude='./build*' --exclude=./.git -cf - . | tar -C "$disk/checkout" -xf -
  vm_programs | (cd "$build" && xargs -r cp --parents -t "$disk/checkout/build")
  : >"$disk/binds"
  for pair in ${binds[0]+"${binds[@]}"}; do
    cp -a "${pair%%:*}" "$disk/bind/$index"
    echo "$index ${pair#*:}" >>"$disk/binds"
    index=$((index + 1))
  done
  truncate -s "$vm_disk_size" "$run/disk.ext4"
  # With a journal, as disks have it: scenarios cut the power.
  mke2fs -q -t ext4 -J size=16 -E lazy_itable_init=1,lazy_journal_init=1 -d "$disk" "$run/disk.ext4"
  rm -rf "$disk"
}

# QEMU's pipe backend wants NAME.in and NAME.out; `watch_status` reads the status one as `status`.
vm_streams() {
  local ports=$1 name
  mkdir "$ports"
  for name in stdout stderr status; do mkfifo "$ports/$name.in" "$ports/$name.out"; done
  ln -s status.out "$ports/status"
  stream_pids=()
  at_exit streams_close
  ((!interactive)) || return 0
  helper "$testbed_d/vm-filter" "$ports/stdout.out" "$run_token" &
  stream_pids+=($!)
  helper "$testbed_d/vm-filter" "$ports/stderr.out" "$run_token" >&2 &
  stream_pids+=($!)
}

vm_start() {
  local ports=$1 name devices
  devices=(-device virtio-serial-pci)
  for name in stdout stderr status; do
    devices+=(-chardev "pipe,id=$name,path=$ports/$name" -device "virtserialport,chardev=$name,name=testbed.$name")
  done
  if ((interactive)); then
    vm_save_terminal
    devices+=(-chardev stdio,id=tty,signal=off -device virtconsole,chardev=tty)
  else
    devices+=(-chardev "socket,id=stdin,path=$ports/stdin,server=on,wait=on"
      -device virtserialport,chardev=stdin,name=testbed.stdin)
  fi
  at_exit vm_stop
  setpriv --pdeathsig KILL -- qemu-system-x86_64 -M q35 "${vm_accel[@]}" -smp 2 -m 1536 -nodefaults -no-user-config \
    -display none -nic none -kernel "$vm_kernel_path/vmlinuz" -initrd "$vm_image_path/initramfs" \
    -append "console=ttyS0 quiet panic=0 apparmor=0 audit=0 mitigations=off systemd.show_status=0" \
    -drive "file=$vm_image_path/root.ext4,format=raw,if=none,id=root,snapshot=on" -device virtio-blk-pci,drive=root \
    -drive "file=$run_dir/disk.ext4,format=raw,if=none,id=disk,cache=unsafe" -device virtio-blk-pci,drive=disk \
    -device virtio-rng-pci -serial "file:$run_dir/console" "${devices[@]}" <&0 2>"$run_dir/qemu" &
  vm_pid=$!
  ((interactive)) || vm_send_stdin "$ports/stdin"
}

# socat shuts its side down at the end of stdin and stays: an early hang-up would lose what the guest has not read yet.
vm_send_stdin() {
  await 10 test -S "$1" || { cat "$run_dir/qemu" >&2; die "qemu does not start"; }
  helper socat -t 1000000 - "UNIX-CONNECT:$1" <&0 >/dev/null 2>&1 &
  stdin_pid=$!
}

vm_save_terminal() {
  local settings
  settings=$(stty -g)
  at_exit "stty $settings"
}

vm_finish() {
  local pid
  if [[ $(cat "$run_dir/ports/last" 2>/dev/null) == "exit "* || $(cat "$run_dir/ports/first") == failed ]]; then
    for pid in ${stream_pids[0]+"${stream_pids[@]}"}; do wait "$pid" || true; done
  fi
  vm_stop
}

vm_stop() {
  [[ -n ${vm_pid:-} ]] || return 0
  kill -KILL "$vm_pid" 2>/dev/null || true
  wait "$vm_pid" 2>/dev/null || true
  vm_pid=
}
