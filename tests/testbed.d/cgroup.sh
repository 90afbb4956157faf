# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: the host's cgroups that a machine lives in. Three kinds of host: `scope` (systemd is PID 1 and delegates),
# `unified` (cgroup2 at /sys/fs/cgroup, no systemd), `hybrid` (cgroup2 beside v1; v1 controllers are left alone).

cgroup_host() {
  if [[ $(stat -fc %T /sys/fs/cgroup) == cgroup2fs ]]; then
    if [[ -d /run/systemd/system ]]; then echo scope; else echo unified; fi
  elif [[ $(stat -fc %T /sys/fs/cgroup/unified 2>/dev/null) == cgroup2fs ]]; then
    echo hybrid
  else
    die "this host has no cgroup2 mount"
  fi
}

# The trees in which a machine ID has a cgroup; the first is the unified one.
cgroup_trees() {
  local id=$1
  case $(cgroup_host) in
    scope) printf '%s\n' "/sys/fs/cgroup/system.slice/$id.scope" ;;
    unified) printf '%s\n' "/sys/fs/cgroup/$id" ;;
    hybrid) printf '%s\n' "/sys/fs/cgroup/unified/$id" "/sys/fs/cgroup/systemd/$id" ;;
  esac
}

# Two machines in one cgroup would collide: nspawn makes `supervisor` and `payload` below the one it is started in.
cgroup_create() {
  local tree
  if [[ $(cgroup_host) == unified ]]; then cgroup_enable_controllers; fi
  while read -r tree; do mkdir "$tree"; done < <(cgroup_trees "$1")
}

cgroup_enable_controllers() {
  local controller
  for controller in $(</sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true
  done
}

cgroup_rmdir_tree() {
  [[ ! -d $1 ]] || find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
  [[ ! -d $1 ]]
}

# Ends every process of the machine, however it was left, and removes the trees.
cgroup_remove() {
  local tree
  while read -r tree; do
    [[ ! -e $tree/cgroup.kill ]] || echo 1 >"$tree/cgroup.kill" || true
    await 10 cgroup_rmdir_tree "$tree" || note "cannot remove $tree"
  done < <(cgroup_trees "$1")
}
