# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: what the vm backend boots: a suite's own cloud kernel, an initramfs that loads the disk's drivers and mounts,
# the root as an ext4 image that every machine writes over only in memory, and whether KVM works here.

# In the order in which they must be loaded; the kernel loads the rest by itself, with the root's modprobe.
readonly vm_modules=(virtio_pci virtio_blk virtio_console virtio_rng ext4)

# vm_kernel_ready SUITE: sets vm_kernel_path: vmlinuz, busybox and modules/.
vm_kernel_ready() {
  local key
  key=$(declare -f debian_tree vm_kernel_build | hash_of "$1")
  cached kernel "$1.$key" vm_kernel_build "$1"
  vm_kernel_path=$cache_entry
}

vm_kernel_build() {
  local directory=$1 suite=$2 scratch=$1/scratch
  debian_tree "$suite" "$scratch" linux-image-cloud-amd64,busybox-static --variant=extract
  mv "$scratch"/boot/vmlinuz-* "$directory/vmlinuz"
  mv "$scratch/bin/busybox" "$directory/busybox" || mv "$scratch/usr/bin/busybox" "$directory/busybox"
  mv "$scratch"/*/modules "$directory/modules" 2>/dev/null || mv "$scratch/usr/lib/modules" "$directory/modules"
  rm -rf "$scratch"
}

# vm_image_ready ROOT ROOT_KEY: sets vm_image_path: root.ext4 and initramfs for the kernel in vm_kernel_path.
vm_image_ready() {
  local key
  key=$({
    cat "$testbed_d/inside/vm-init"
    declare -f vm_image_build vm_initramfs vm_add_module
  } | hash_of "$2" "$vm_kernel_path" "${vm_modules[@]}")
  cached vm "$key" vm_image_build "$1"
  vm_image_path=$cache_entry
}

vm_image_build() {
  local directory=$1 root=$2 tree=$1/tree version
  version=$(ls "$vm_kernel_path/modules")
  cp -a "$root" "$tree"
  mkdir -p "$tree/usr/lib/modules"
  cp -a "$vm_kernel_path/modules/$version" "$tree/usr/lib/modules/"
  chroot "$tree" depmod "$version"
  vm_initramfs "$directory" "$tree" "$version"
  truncate -s 4G "$directory/root.ext4"
  mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1 -d "$tree" "$directory/root.ext4"
  rm -rf "$tree"
}

vm_initramfs() {
  local directory=$1 tree=$2 version=$3 initramfs=$1/initramfs.tree module file number=10
  mkdir -p "$initramfs"/{bin,dev,proc,sys,root,data,modules}
  cp "$vm_kernel_path/busybox" "$initramfs/bin/busybox"
  install -m 0755 "$testbed_d/inside/vm-init" "$initramfs/init"
  for module in "${vm_modules[@]}"; do
    while read -r file; do
      vm_add_module "$tree$file" "$initramfs/modules" "$number"
      number=$((number + 1))
    done < <(chroot "$tree" modprobe -S "$version" --show-depends "$module" | sed -n 's/^insmod //p')
  done
  (cd "$initramfs" && find . | "$vm_kernel_path/busybox" cpio -o -H newc | gzip -1) >"$directory/initramfs"
  rm -rf "$initramfs"
}

# The number keeps the order; busybox's insmod reads no compressed modules.
vm_add_module() {
  local file=$1 to=$2 number=$3 name
  name=$(basename "$file")
  name=${name%%.ko*}
  if compgen -G "$to/*-$name.ko" >/dev/null; then return; fi
  case $file in
    *.xz) xz -dc "$file" >"$to/$number-$name.ko" ;;
    *) cp "$file" "$to/$number-$name.ko" ;;
  esac
}

# vm_accelerator: sets vm_accel. /dev/kvm may be there and a guest still hang in it, so a real boot decides, once per
# boot of this host.
vm_accelerator() {
  local finding
  finding=$cache/kvm-$(</proc/sys/kernel/random/boot_id)
  if [[ ! -e $finding ]]; then
    rm -f "$cache"/kvm-*
    if vm_kvm_boots; then echo works >"$finding"; else echo hangs >"$finding"; fi
  fi
  if [[ $(<"$finding") == works ]]; then
    vm_accel=(-accel kvm -cpu host)
  else
    vm_accel=(-accel "tcg,thread=multi,tb-size=1024" -cpu Nehalem)
  fi
  detail "kvm $(<"$finding"): ${vm_accel[*]}"
}

vm_kvm_boots() {
  [[ -w /dev/kvm ]] || return 1
  timeout -k 1 10 qemu-system-x86_64 -M q35 -accel kvm -cpu host -m 512 -nodefaults -no-user-config -display none \
    -no-reboot -kernel "$vm_kernel_path/vmlinuz" -initrd "$vm_image_path/initramfs" -serial stdio \
    -append "console=ttyS0 quiet testbed.probe" </dev/null 2>/dev/null | grep -q 'testbed: alive'
}
