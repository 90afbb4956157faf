# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: the Debian system that every machine boots, one per suite and variant, read-only once it is built.

# What podsd links, what boots, and what scenarios are written with.
root_packages() {
  local suite=$1 variant=$2 packages
  packages=systemd,systemd-sysv,dbus,dbus-daemon,libseccomp2,libarchive13,libssl3,libstdc++6,libcap2
  packages+=,libsystemd0,libmnl0,libnftables1,iproute2,procps,curl,jq,kmod
  case $suite in
    bookworm) packages+=,libyaml-cpp0.7,libsdbus-c++1 ;;
    trixie) packages=${packages/libarchive13/libarchive13t64} packages=${packages/libssl3/libssl3t64} ;;
  esac
  case $variant in
    base) ;;
    bench) packages+=,crun,runc,podman,conmon,uidmap,catatonit,fuse-overlayfs,containerd,netavark,iptables,nftables,containernetworking-plugins ;;
    oci) packages+=,crun,runc,python3,busybox-static ;;
    network) packages+=,nftables,socat ;;
    cni) packages+=,nftables,socat,containernetworking-plugins ;;
    names) packages+=,dnsmasq-base,systemd-resolved,socat ;;
    images) packages+=,skopeo,erofs-utils,umoci,docker-registry,apache2-utils,openssl,python3 ;;
    *) die "no such variant: $variant (base, bench, cni, images, names, network, oci)" ;;
  esac
  echo "$packages"
}

root_build() {
  local directory=$1 suite=$2 variant=$3 packages
  packages=$(root_packages "$suite" "$variant")
  chmod 0755 "$directory"
  debian_tree "$suite" "$directory" "$packages" --variant=minbase
  root_configure "$directory"
}

# Units that cost boot time or need hardware that no machine has.
root_masked_units() {
  printf '%s\n' systemd-udevd.service systemd-udevd-{control,kernel}.socket systemd-udev-{trigger,settle}.service \
    systemd-logind.service dbus-org.freedesktop.login1.service getty.target getty@.service serial-getty@.service \
    console-getty.service container-getty@.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    fstrim.timer e2scrub_all.timer e2scrub_reap.service systemd-tmpfiles-clean.timer systemd-hwdb-update.service \
    systemd-journal-catalog-update.service ldconfig.service systemd-firstboot.service systemd-sysusers.service \
    systemd-update-done.service systemd-update-utmp.service systemd-update-utmp-runlevel.service \
    systemd-pcrphase{,-initrd,-sysinit}.service systemd-pcrmachine.service systemd-machine-id-commit.service \
    systemd-random-seed.service systemd-boot-random-seed.service sys-kernel-debug.mount sys-kernel-tracing.mount \
    sys-fs-fuse-connections.mount dev-hugepages.mount proc-sys-fs-binfmt_misc.automount systemd-binfmt.service \
    systemd-modules-load.service modprobe@.service systemd-ask-password-{console,wall}.path systemd-resolved.service \
    systemd-networkd.service systemd-timesyncd.service podman.socket podman.service podman-restart.service \
    podman-auto-update.timer podman-auto-update.service containerd.service docker-registry.service
}

root_configure() {
  local root=$1 unit
  while read -r unit; do
    ln -sfn /dev/null "$root/etc/systemd/system/$unit"
  done < <(root_masked_units)
  rm -rf "$root"/etc/systemd/system/{getty,timers}.target.wants "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
  rm -f "$root/etc/apt/sources.list" "$root/var/lib/dbus/machine-id"
  ln -sfn multi-user.target "$root/usr/lib/systemd/system/default.target"
  echo testbed >"$root/etc/hostname"
  printf '127.0.0.1 localhost testbed\n::1 localhost\n' >"$root/etc/hosts"
  : >"$root/etc/machine-id"
  : >"$root/etc/fstab"
  mkdir -p "$root"/etc/{pods.d,podsd} "$root"/var/lib/{podsd,containers} "$root/podsd" \
    "$root/etc/systemd/journald.conf.d" "$root/etc/systemd/system.conf.d"
  printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=512M\n' >"$root/etc/systemd/journald.conf.d/testbed.conf"
  printf 'PS1="testbed# "\n' >"$root/root/.bashrc"
}

# root_ready SUITE VARIANT: sets root_path and root_key.
root_ready() {
  local suite=$1 variant=$2
  root_key=$({
    root_packages "$suite" "$variant"
    declare -f debian_tree root_build root_configure root_masked_units
  } | hash_of "$suite" "$variant")
  cached root "$suite.$variant.$root_key" root_build "$suite" "$variant"
  root_path=$cache_entry
}
