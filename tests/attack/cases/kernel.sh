# shellcheck shell=bash
# shellcheck disable=SC2016  # what runs in a container
# SPDX-License-Identifier: Apache-2.0
# The kernel's doors: system calls by every entry, namespaces, cgroups, devices, capabilities.

# denied LINE_OF_SCRIPT…: each line is a call that must not give "ok".
denied() {
  attack "$1" "$2" "${3:-}" "${4:-}"
  contains "it ran" "$said" end
  refute "a call that must not work did" grep -E '^[^ ]+ ok' <<<"$said"
}

case_unshare_a_user_namespace() {
  attack userns 'echo "unshare $(/probe sys 272 0x10000000)"; echo "clone $(/probe sys 56 0x10000011 0 0 0 0)"; echo "clone3 $(/probe sys 435 0 0)"; echo end'
  contains "unshare(CLONE_NEWUSER)" "$said" "unshare EPERM"
  contains "clone(CLONE_NEWUSER)" "$said" "clone EPERM"
  contains "clone3" "$said" "clone3 ENOSYS"
}

case_enter_the_hosts_namespaces() {
  attack setns 'for n in mnt net pid uts ipc cgroup user; do echo "setns-$n $(/probe sys 308 9 0 9</proc/1/ns/$n)"; done
    for p in /proc/[0-9]*; do echo "$p"; done; echo end'
  contains "it ran" "$said" end
  refute "setns" grep -E '^setns-[a-z]+ ok' <<<"$said"
  equal "processes that it sees" 1 "$(grep -c '^/proc/1$' <<<"$said")"
  refute "the sandbox is seen" grep -qE '^/proc/[0-9]{3,}$' <<<"$said"
}

# i386's socketcall, and every other call, would pass a filter that is for the native entry only.
case_seccomp_by_the_32_bit_entry() {
  attack int80 '/probe sys32 20; echo "getpid $?"; /probe sys32 102 1 0; echo "socketcall $?"; /probe sys32 310 0x10000000; echo "unshare $?"; echo end'
  contains "it ran" "$said" end
  refute "a 32-bit call went through" grep -q '^ok' <<<"$said"
}

case_seccomp_by_the_x32_entry() {
  attack x32 '/probe sys 0x40000027; echo "getpid $?"; /probe sys 0x40000110 0x10000000; echo "unshare $?"; /probe sys 0x40000000; echo "read $?"; echo end'
  refute "an x32 call went through" grep -q '^ok' <<<"$said"
  # A kernel without these calls says ENOSYS, where the filter ends the process by SIGSYS.
  equal "what became of the processes" "getpid 159 unshare 159 read 159" "$(grep -oE "(getpid|unshare|read) [0-9]+$" <<<"$said" | xargs)"
}

case_af_alg_and_vsock() {
  denied sockets 'echo "alg $(/probe sys 41 38 5 0)"; echo "vsock $(/probe sys 41 40 1 0)"; echo "alg-masked $(/probe sys 41 0x100000026 5 0)"; echo end'
  # A kernel without them says EAFNOSUPPORT.
  equal "denied by the filter" 3 "$(grep -c ' EPERM$' <<<"$said")"
}

case_kernel_interfaces() {
  denied interfaces 'echo "bpf $(/probe sys 321 0 0 0)"; echo "perf_event_open $(/probe sys 298 0 0 0 0 0)"; echo "io_uring_setup $(/probe sys 425 1 0)"
    echo "userfaultfd $(/probe sys 323 0)"; echo "kexec_load $(/probe sys 246 0 0 0 0)"; echo "init_module $(/probe sys 175 0 0 @)"; echo "syslog $(/probe sys 103 3 0 0)"
    echo "add_key $(/probe sys 248 @user @a @b 1 -3)"; echo "keyctl $(/probe sys 250 0 -3 0)"; echo "request_key $(/probe sys 249 @user @a 0 -3)"
    echo "mount $(/probe sys 165 @none @/tmp @tmpfs 0 0)"; echo "fsopen $(/probe sys 430 @tmpfs 0)"; echo "open_tree $(/probe sys 428 -100 @/ 1)"; echo "pivot_root $(/probe sys 155 @/ @/)"
    echo "swapon $(/probe sys 167 @/x 0)"; echo "reboot $(/probe sys 169 0 0 0 0)"; echo "settimeofday $(/probe sys 164 0 0)"; echo "acct $(/probe sys 163 @/tmp/a)"
    echo "quotactl $(/probe sys 179 0 0 0 0)"; echo "iopl $(/probe sys 172 3)"; echo "process_vm_readv $(/probe sys 310 1 0 0 0 0 0)"; echo end'
}

# The host's files by their inode, when CAP_DAC_READ_SEARCH slips in.
case_open_by_handle() {
  denied handle 'echo "handle $(/probe handle /data)"; echo "handle-etc $(/probe handle /etc)"; echo end' \
    '{"volumeMounts": [{"name": "data", "mountPath": "/data"}]}' '{"volumes": [{"name": "data", "emptyDir": {}}]}'
}

case_capabilities_are_the_default_set() {
  attack caps 'cat /proc/self/status'
  equal "bounding set" 00000000800405fb "$(awk '/^CapBnd/ { print $2 }' <<<"$said" | tail -n 1)"
  equal "ambient and inheritable" "0000000000000000 0000000000000000" "$(awk '/^Cap(Inh|Amb)/ { print $2 }' <<<"$said" | tail -n 2 | xargs)"
  # A machine in a container has a filter of its own already.
  equal "a filter is on" "$(($(awk '/^Seccomp_filters/ { print $2 }' /proc/self/status) + 1))" "$(awk '/^Seccomp_filters/ { print $2 }' <<<"$said" | tail -n 1)"
}

case_no_new_privileges() {
  tree
  cp "$probe" "$work/tree/bin/raise"
  chmod 4755 "$work/tree/bin/raise"
  image suid '{}' >/dev/null
  attack suid 'echo "raise $(/bin/raise raise)"; id -u' '{"image": "localhost/suid:1", "securityContext": {"runAsUser": 1000, "allowPrivilegeEscalation": false}}'
  contains "a set-uid program" "$said" "raise EPERM"
}

# Without CAP_MKNOD no device is made. With it, a device made by number is not that device: the scope's device policy.
case_raw_disk_by_mknod() {
  local disk script
  disk=$(awk 'NR > 2 { print $1, $2; exit }' /proc/partitions)
  script="mknod /disk b $disk; mknod /mem c 1 1; mknod /kmsg c 1 11"'; for d in /disk /mem /kmsg; do [ -e $d ] && echo "made $d"; dd if=$d of=/dev/null bs=512 count=1 2>/dev/null && echo "read $d"; done; echo end'
  attack mknod "$script"
  contains "it ran" "$said" end
  refute "a device was made" grep -q '^made' <<<"$said"
  pod maker "$script; exec sleep 600" '{"securityContext": {"capabilities": {"add": ["MKNOD"]}}}'
  wait_for 20 eval 'podsctl logs maker | grep -qx end'
  said=$(podsctl logs maker)
  contains "with the capability" "$said" "made /disk"
  equal "the scope's policy" closed "$(systemctl show -P DevicePolicy pods-maker-main.scope)"
  refute "a device was read" grep -q '^read' <<<"$said"
}

case_cgroup_escape() {
  attack cgroup 'cat /proc/self/cgroup; mkdir /sys/fs/cgroup/x && echo made; echo 1 >/sys/fs/cgroup/cgroup.procs && echo moved; echo max >/sys/fs/cgroup/memory.max && echo lifted
    mkdir -p /c; mount -t cgroup -o memory cgroup /c && echo mounted; mount -t cgroup2 none /c && echo mounted; mount -o remount,rw /sys/fs/cgroup && echo remounted
    ls /sys/fs/cgroup/.. >/dev/null; cat /sys/fs/cgroup/../cgroup.procs 2>/dev/null; echo end'
  contains "it ran" "$said" end
  contains "its own cgroup is the root" "$said" "0::/"
  refute "the cgroup tree was changed" grep -E '^(made|moved|lifted|mounted|remounted)' <<<"$said"
}

case_sys_is_read_only() {
  attack sysro 'for f in /sys/kernel/mm/transparent_hugepage/enabled /sys/power/state /sys/kernel/uevent_helper /sys/module/*/parameters/*; do [ -f $f ] && (echo x >$f) 2>/dev/null && echo "wrote $f"; done
    mount -o remount,rw /sys && echo remounted; mount -o remount,rw,bind /sys && echo remounted; echo end'
  contains "it ran" "$said" end
  refute "/sys was written" grep -E '^(wrote|remounted)' <<<"$said"
}

# A bomb that leaves its sessions and parents: nothing of it may outlive the pod, and the agent goes on answering meanwhile.
case_fork_bomb() {
  local scope=pods-bomb-main.scope
  pod bomb 'bomb() { [ "$1" = 0 ] || { bomb $(($1 - 1)) & bomb $(($1 - 1)) & }; trap "" TERM INT HUP; while :; do sleep 600; done; }; setsid sh -c true; bomb 8' \
    '{"resources": {"limits": {"memory": "256Mi"}}}'
  wait_for 20 running bomb main
  wait_for 20 eval '(($(wc -l <"/sys/fs/cgroup/pods.slice/pods-bomb.slice/$scope/cgroup.procs") > 60))'
  check "the agent answers" answers
  attack beside 'echo beside'
  equal "another pod runs" beside "$said"
  take bomb.json
  wait_for 20 gone bomb
  refute "something of it lives" test -e "/sys/fs/cgroup/pods.slice/pods-bomb.slice"
}

case_daemon_outlives_its_container() {
  attack daemon '(setsid sh -c "trap \"\" TERM HUP; exec sleep 4242" >/dev/null 2>&1 &); sleep 0.2; echo end'
  wait_for 10 eval '! pgrep -f "sleep 4242"'
}

case_kill_everything() {
  # Not if it would work: that would be the end of the machine.
  attack killall "kill -0 $agent 2>/dev/null && echo reached && exit"'; trap "" TERM; kill -9 -1; kill -TERM -1; kill -9 1; for p in $(seq 2 200); do kill -9 $p 2>/dev/null; done; echo end'
  refute "the agent is within reach" grep -q reached <<<"$said"
  contains "it ran" "$said" end
}

case_limits_bind_or_are_told() {
  # A manifest with a limit: where the controller is missing the pod's condition must say so.
  pod limited 'sleep 600' '{"resources": {"limits": {"memory": "32Mi"}}}'
  wait_for 20 running limited main
  if [[ -e /sys/fs/cgroup/pods.slice/pods-limited.slice/pods-limited-main.scope/memory.max ]]; then
    equal "memory.max" 33554432 "$(</sys/fs/cgroup/pods.slice/pods-limited.slice/pods-limited-main.scope/memory.max)"
  else
    contains "the condition" "$(pod_json limited '.status.conditions[] | select(.type == "LimitsBound") | .status + " " + .message')" \
      "False memory limits do not bind"
  fi
}
