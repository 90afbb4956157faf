# SPDX-License-Identifier: Apache-2.0
"""Masked and read-only paths, sysctls, propagation of the root, personality, memory policy, resctrl."""

import os
import platform

from suite.box import check, equal
from suite.bundle import NAMESPACES, mount, namespaces
from suite.machine import libc, system
from suite.registry import add, case


@case("linux.masked-paths")
def masked(box):
    """A file reads as nothing, a directory as empty, and what is not there is no error."""
    made = box.container(args=["/bin/sh", "-c", "cat /etc/secret; ls /data; echo x 2>/dev/null >/data/new && echo writes; echo end"],
                         linux={"maskedPaths": ["/etc/secret", "/data", "/no/such"]})
    (made.root / "etc/secret").write_text("secret")
    (made.root / "data/secret").write_text("secret")
    equal("said", "end", made.run().must().out.strip())


@case("linux.masked-paths")
def masked_in_proc(box):
    equal("size", "0", box.sh("cat /proc/timer_list 2>/dev/null | wc -c 2>/dev/null || cat /proc/timer_list | ls | echo 0",
                              linux={"maskedPaths": ["/proc/timer_list"]}).split()[-1])


@case("linux.readonly-paths")
def readonly(box):
    made = box.container(args=["/bin/sh", "-c", "echo x >/etc/file; echo x >/data/new; echo x >/tmp/fine && cat /etc/file /tmp/fine"],
                         linux={"readonlyPaths": ["/etc/file", "/data", "/no/such"]})
    (made.root / "etc/file").write_text("old\n")
    said = made.run().must().out
    equal("refused", 2, said.count("Read-only file system"))
    equal("contents", ["old", "x"], said.split()[-2:])


@case("linux.readonly-paths")
def readonly_in_proc(box):
    said = box.sh("echo 1 2>&1 >/proc/sys/kernel/sysrq; cat /proc/sys/kernel/ostype", linux={"readonlyPaths": ["/proc/sys"]})
    check(f"said {said!r}", said.split()[-1] == "Linux")
    equal("the mount", True, any(line.split()[4] == "/proc/sys" and "ro" in line.split()[5].split(",") for line in
                                 box.see(linux={"readonlyPaths": ["/proc/sys"]})["mountinfo"].splitlines()))


for key, name in {"maskedPaths": "masked", "readonlyPaths": "readonly"}.items():
    add(__name__, f"{name}_relative", [f"linux.{name}-paths-absolute", "config.invalid-value"],
        lambda box, key=key: box.refused(linux={key: ["etc"]}))


# --- sysctls ---

@case("linux.sysctl")
def sysctl(box):
    values = {"net.ipv4.ip_forward": "1", "net.core.somaxconn": "321", "kernel.msgmax": "12345", "kernel.shmmni": "77",
              "fs.mqueue.msg_max": "33"}
    made = box.container(args=["/bin/sh", "-c", "cd /proc/sys; cat net/ipv4/ip_forward net/core/somaxconn kernel/msgmax kernel/shmmni"
                                               " fs/mqueue/msg_max"], linux={"sysctl": values})
    equal("values", list(values.values()), made.run().must().out.split())


@case("linux.sysctl")
def sysctl_of_interface(box):
    """A dot in a name, where the separators are slashes."""
    equal("value", "1", box.sh("cat /proc/sys/net/ipv4/conf/lo/forwarding", linux={"sysctl": {"net/ipv4/conf/lo/forwarding": "1"}}))


@case("linux.sysctl-invalid", "runtime.create.cannot-apply")
def sysctl_unknown(box):
    box.refused(linux={"sysctl": {"net.no.such": "1"}})


@case("linux.sysctl-invalid", "runtime.create.cannot-apply")
def sysctl_bad_value(box):
    box.refused(linux={"sysctl": {"net.ipv4.ip_forward": "many"}})


@case("linux.sysctl-invalid", "runtime.errors.no-trace")
def sysctl_of_host(box):
    """One that has no namespace, and one whose namespace is the host's."""
    before = open("/proc/sys/kernel/panic").read()
    box.refused(linux={"sysctl": {"kernel.panic": "77"}})
    box.refused(linux={"sysctl": {"kernel.msgmax": "4321"}, "namespaces": namespaces("mount", "pid", "uts", "network")})
    equal("the host's", before, open("/proc/sys/kernel/panic").read())


@case("linux.sysctl-invalid")
def sysctl_climbing(box):
    box.refused(linux={"sysctl": {"net/../kernel/panic": "77"}})


# --- propagation ---

def root_tags(seen):
    return next(line.split(" - ")[0].split()[6:] for line in seen["mountinfo"].splitlines() if line.split()[4] == "/")


def shared_host():
    """The host's root is shared, as it is under systemd."""
    system(libc.mount(b"none", b"/", None, 0x4000 | 1 << 20, None), "make shared")


@case("linux.propagation.shared")
def shared(box):
    tags = root_tags(box.see(linux={"rootfsPropagation": "shared"}))
    check(f"tags {tags}", any(tag.startswith("shared:") for tag in tags))


@case("linux.propagation.slave")
def slave(box):
    """A mount that the host makes later comes in."""
    shared_host()
    outside = box.work / "outside"
    outside.mkdir()
    made = box.holding(linux={"rootfsPropagation": "rslave"}, mounts=[mount("/data", "none", str(outside), "rbind", "rslave")])
    (outside / "late").mkdir()
    system(libc.mount(b"tmpfs", str(outside / "late").encode(), b"tmpfs", 0, None), "mount")
    check("it is inside", " /data/late " in open(f"/proc/{made.pid}/mountinfo").read())


@case("linux.propagation.private")
def private(box):
    equal("tags", [], root_tags(box.see(linux={"rootfsPropagation": "private"})))


@case("linux.propagation.unbindable")
def unbindable(box):
    equal("tags", ["unbindable"], root_tags(box.see(linux={"rootfsPropagation": "unbindable"})))


@case("linux.propagation.private", "runtime.errors.no-trace")
def nothing_gets_out(box):
    """Whatever the host's propagation is, the container's mounts stay inside."""
    shared_host()
    before = open("/proc/self/mountinfo").read()
    box.holding(mounts=[mount("/data", "tmpfs", "tmpfs")])
    equal("the host's mounts", before, open("/proc/self/mountinfo").read())


@case("linux.propagation.invalid", "config.invalid-value")
def propagation_unknown(box):
    box.refused(linux={"rootfsPropagation": "sideways"})


# --- personality ---

@case("linux.personality")
def personality(box):
    equal("LINUX", 0, box.see(linux={"personality": {"domain": "LINUX"}})["personality"])
    seen = box.see(linux={"personality": {"domain": "LINUX32"}})
    equal("LINUX32", 8, seen["personality"])
    if platform.machine() == "x86_64":
        equal("machine", "i686", seen["machine"])


@case("linux.personality", "cli.exec")
def personality_of_exec(box):
    box.needs(platform.machine() == "x86_64", "another machine's word")
    made = box.holding(linux={"personality": {"domain": "LINUX32"}})
    check("exec has it", "i686" in box.command("exec", made.id, "/probe", "see").must().out)


for word, value in {"domain": {"domain": "SOLARIS"}, "flag": {"domain": "LINUX", "flags": ["ADDR_NO_RANDOMIZE"]}, "none": {}}.items():
    add(__name__, f"personality_bad_{word}", ["linux.personality-invalid", "config.invalid-value"],
        lambda box, value=value: box.refused(late=True, linux={"personality": value}))


# --- memory policy (1.3) ---

def policy_of(box, **policy):
    """[mode with flags, mask of nodes], as /proc/self/numa_maps and get_mempolicy(2) give it."""
    box.needs(os.path.exists("/proc/self/numa_maps"), "the kernel has no memory policies")
    return box.sh("cat /proc/self/numa_maps", linux={"memoryPolicy": policy}).split("\n")[0].split()[1]


@case("linux.memory-policy.mode")
def memory_policy(box):
    equal("bind", "bind:0", policy_of(box, mode="MPOL_BIND", nodes="0"))
    equal("interleave", "interleave:0", policy_of(box, mode="MPOL_INTERLEAVE", nodes="0"))
    check("flags", policy_of(box, mode="MPOL_BIND", nodes="0", flags=["MPOL_F_STATIC_NODES"]).startswith("bind"))


for word, value in {"mode": {"mode": "MPOL_HOPE", "nodes": "0"}, "flag": {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_X"]},
                    "no_nodes": {"mode": "MPOL_BIND"}, "nodes": {"mode": "MPOL_BIND", "nodes": "0-"}}.items():
    add(__name__, f"memory_policy_bad_{word}", ["linux.memory-policy.invalid", "config.invalid-value"],
        lambda box, value=value: box.refused(late=True, linux={"memoryPolicy": value}))


# --- resctrl ---

RESCTRL = "/sys/fs/resctrl"


@case("linux.rdt.missing", "runtime.create.cannot-apply")
def rdt_missing(box):
    box.needs(not os.path.ismount(RESCTRL), "resctrl is mounted")
    for value in ({"closID": "class"}, {"l3CacheSchema": "L3:0=f"}, {"schemata": ["L3:0=f"]}):
        box.refused(linux={"intelRdt": value})


@case("linux.rdt.mem-bw", "config.invalid-value")
def rdt_bad_bandwidth(box):
    box.refused(linux={"intelRdt": {"memBwSchema": "L3:0=f"}})
    box.refused(linux={"intelRdt": {"memBwSchema": "MB:0=20\nL3:0=f"}})


@case("linux.rdt.tasks", "linux.rdt.schemata", "linux.rdt.class", "linux.rdt.untouched")
def rdt(box):
    box.needs(os.path.ismount(RESCTRL) and os.path.exists(f"{RESCTRL}/schemata"), "no resctrl: the processor has no such control")
    classes = sorted(os.listdir(RESCTRL))
    box.holding()
    equal("classes", classes, sorted(os.listdir(RESCTRL)))
    schemata = open(f"{RESCTRL}/schemata").read().split()
    made = box.holding(linux={"intelRdt": {"schemata": schemata}})
    check("tasks", str(made.pid) in open(f"{RESCTRL}/{made.id}/tasks").read().split())
    equal("schemata", schemata, open(f"{RESCTRL}/{made.id}/schemata").read().split())
    made.stop().delete().must()
    check("the class is gone", not os.path.exists(f"{RESCTRL}/{made.id}"))
    box.refused(linux={"intelRdt": {"closID": f"{box.prefix}-none"}})


@case("runtime.create.applies")
def everything_at_once(box):
    """The sections together, as an engine gives them."""
    seen = box.see(hostname="all", root={"readonly": True}, mounts=[mount("/data", "tmpfs", "tmpfs", "noexec")],
                   process={"user": {"uid": 1, "gid": 2, "additionalGids": [3]}, "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 99, "hard": 99}]},
                   linux={"namespaces": namespaces(*NAMESPACES, "cgroup"), "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"],
                          "sysctl": {"net.ipv4.ip_forward": "1"}})
    equal("seen", ["all", 1, 2, [99, 99]], [seen["hostname"], seen["uid"][0], seen["gid"][0], seen["rlimits"]["RLIMIT_NOFILE"]])
