# SPDX-License-Identifier: Apache-2.0
"""Namespaces: new, joined, inherited, refused; user mappings and clocks."""

import os
import time

from suite.box import check, equal
from suite.bundle import DEFAULT_MOUNTS, NAMESPACES, mount, namespaces
from suite.registry import add, case

FILES = {"pid": "pid", "network": "net", "mount": "mnt", "ipc": "ipc", "uts": "uts", "user": "user", "cgroup": "cgroup",
         "time": "time"}
MAPPINGS = [{"containerID": 0, "hostID": 200000, "size": 65536}]
USER = {"namespaces": namespaces(*NAMESPACES, "user"), "uidMappings": MAPPINGS, "gidMappings": MAPPINGS}


def own(kind, pid="self"):
    return os.readlink(f"/proc/{pid}/ns/{FILES[kind]}")


def with_user(box, **changes):
    """A container in a user namespace; its root belongs to that namespace's root."""
    made = box.container(**{"linux": USER, **changes})
    for path in (box.work, made.bundle):
        path.chmod(0o755)
    for path, folders, files in os.walk(made.root):
        for name in [".", *folders, *files]:
            os.chown(os.path.join(path, name), 200000, 200000, follow_symlinks=False)
    return made


def new(kind, box):
    if kind == "user":
        seen = box.look(with_user(box))
    else:
        seen = box.see(linux={"namespaces": namespaces(*dict.fromkeys((*NAMESPACES, kind)))})
    check(f"a {kind} namespace of its own", seen[f"ns_{FILES[kind]}"] not in ("", own(kind)))
    if kind == "pid":
        equal("pid", 1, seen["pid"])


def join(kind, box):
    others = [one for one in NAMESPACES if one != kind]
    if kind == "user":
        holder = with_user(box, args=["/probe", "wait"]).up().ready()
        made = with_user(box, linux={"namespaces": namespaces(*others, user=f"/proc/{holder.pid}/ns/user"),
                                     "uidMappings": None, "gidMappings": None})
        for key in ("uidMappings", "gidMappings"):
            made.config["linux"].pop(key, None)
        made.write()
    else:
        holder = box.holding(linux={"namespaces": namespaces(*dict.fromkeys((*NAMESPACES, kind)))})
        made = box.container(linux={"namespaces": namespaces(*others, **{kind: f"/proc/{holder.pid}/ns/{FILES[kind]}"})})
    seen = box.look(made)
    equal(f"the {kind} namespace", own(kind, holder.pid), seen[f"ns_{FILES[kind]}"])


for kind in FILES:
    add(__name__, f"new_{kind}", [f"linux.namespaces.new-{kind}"], lambda box, kind=kind: new(kind, box))
    if kind != "mount":
        add(__name__, f"join_{kind}", [f"linux.namespaces.join-{kind}"], lambda box, kind=kind: join(kind, box))


@case("linux.namespaces.join-mount", "config.invalid-value")
def join_mount(box):
    """Either the program is in that namespace, or the path is refused; never in another one in silence."""
    holder = box.holding()
    others = [one for one in NAMESPACES if one != "mount"]
    made = box.container(linux={"namespaces": namespaces(*others, mount=f"/proc/{holder.pid}/ns/mnt")}, args=["/probe", "wait"])
    if made.create().status == 0 and made.start().status == 0:
        equal("the mount namespace", own("mount", holder.pid), own("mount", made.pid))


@case("linux.namespaces.inherit")
def inherited(box):
    seen = box.see(linux={"namespaces": namespaces("mount", "uts")}, mounts=[])
    for kind in ("ipc", "network", "user", "cgroup", "time", "pid"):
        equal(f"the {kind} namespace", own(kind), seen[f"ns_{FILES[kind]}"])


@case("linux.namespaces.twice")
def twice(box):
    box.refused(linux={"namespaces": namespaces(*NAMESPACES, "uts")})


@case("linux.namespaces.twice")
def twice_with_path(box):
    box.refused(linux={"namespaces": namespaces(*NAMESPACES, network="/proc/self/ns/net")})


@case("linux.namespaces.type", "config.invalid-value")
def unknown_type(box):
    box.refused(linux={"namespaces": namespaces(*NAMESPACES, "gravity")})


@case("linux.namespaces.type")
def no_type(box):
    box.refused(linux={"namespaces": [*namespaces(*NAMESPACES), {}]})


def not_of_type(path, box):
    box.refused(linux={"namespaces": namespaces("mount", "pid", "uts", "ipc", network=path)})


for word, path in {"other": "/proc/self/ns/uts", "file": "/etc/hostname", "missing": "/no/such", "directory": "/"}.items():
    add(__name__, f"path_{word}", ["linux.namespaces.path-type"], lambda box, path=path: not_of_type(path, box))


@case("linux.namespaces.path-absolute")
def path_relative(box):
    made = box.container(linux={"namespaces": namespaces("mount", "pid", "uts", "ipc", network="net")})
    (made.bundle / "net").symlink_to("/proc/self/ns/net")
    (box.work / "net").symlink_to("/proc/self/ns/net")
    box.refused(container=made)


# --- user namespaces ---

def rows(text):
    return [tuple(map(int, line.split())) for line in text.splitlines()]


@case("linux.mappings.applied")
def mappings(box):
    seen = box.look(with_user(box))
    equal("uid_map", [(0, 200000, 65536)], rows(seen["uid_map"]))
    equal("gid_map", [(0, 200000, 65536)], rows(seen["gid_map"]))
    equal("uid", [0, 0, 0], seen["uid"])


@case("linux.mappings.applied")
def mappings_several(box):
    several = [{"containerID": 0, "hostID": 200000, "size": 1000}, {"containerID": 1000, "hostID": 400000, "size": 50}]
    made = with_user(box, linux={**USER, "uidMappings": several})
    equal("uid_map", [(0, 200000, 1000), (1000, 400000, 50)], rows(box.look(made)["uid_map"]))


@case("linux.mappings.applied", "config.user.ids")
def user_in_namespace(box):
    made = with_user(box, args=["/probe", "wait"], process={"user": {"uid": 12, "gid": 34}}).up().ready()
    status = open(f"/proc/{made.pid}/status").read()
    check("the host sees the mapped uid", f"Uid:\t200012\t200012" in status)
    check("the host sees the mapped gid", f"Gid:\t200034\t200034" in status)


@case("linux.mappings.no-chown")
def owners_stay(box):
    """A root that is the host's stays that, and is the overflow user's inside."""
    made = box.container(linux=USER, args=["/bin/stat", "-c", "%u", "/probe"])
    for path in (box.work, made.bundle, made.root):
        path.chmod(0o755)
    done = made.run()
    equal("the owner", 0, (made.root / "probe").stat().st_uid)
    if done.status == 0:
        equal("the owner inside", "65534", done.out.strip())


@case("linux.mappings.invalid", "runtime.create.cannot-apply")
def mappings_overlap(box):
    overlap = [{"containerID": 0, "hostID": 200000, "size": 1000}, {"containerID": 10, "hostID": 400000, "size": 1000}]
    made = with_user(box, linux={**USER, "uidMappings": overlap})
    box.refused(container=made)


@case("linux.mappings.invalid")
def mapping_of_nothing(box):
    made = with_user(box, linux={**USER, "uidMappings": [{"containerID": 0, "hostID": 200000, "size": 0}]})
    box.refused(container=made)


@case("linux.mappings.applied", "runtime.create.applies")
def mounts_in_user_namespace(box):
    """The usual file systems, owned by the user namespace."""
    made = with_user(box, args=["/bin/sh", "-c", "stat -c %u:%g /dev/shm /dev/pts; touch /dev/shm/x && echo >/dev/null && echo fine"])
    equal("owners", ["0:0", "0:0", "fine"], made.run().must().out.split())


# --- clocks ---

@case("linux.time.offsets")
def clocks(box):
    box.needs(os.path.exists("/proc/self/ns/time"), "no time namespaces")
    seen = box.see(linux={"namespaces": namespaces(*NAMESPACES, "time"),
                          "timeOffsets": {"monotonic": {"secs": 100000, "nanosecs": 5}, "boottime": {"secs": 50000}}})
    for name, clock, offset in (("monotonic", time.CLOCK_MONOTONIC, 100000), ("boottime", time.CLOCK_BOOTTIME, 50000)):
        moved = seen[name] - time.clock_gettime(clock)
        check(f"{name} is moved by {moved}, not {offset}", offset - 300 < moved < offset + 2)


@case("linux.time.invalid", "config.invalid-value")
def clock_unknown(box):
    box.needs(os.path.exists("/proc/self/ns/time"), "no time namespaces")
    box.refused(linux={"namespaces": namespaces(*NAMESPACES, "time"), "timeOffsets": {"sundial": {"secs": 1}}})


@case("linux.time.invalid", "config.invalid-value")
def clock_without_namespace(box):
    box.refused(linux={"timeOffsets": {"monotonic": {"secs": 1}}})


@case("linux.time.offsets", "cli.exec")
def clocks_of_exec(box):
    box.needs(os.path.exists("/proc/self/ns/time"), "no time namespaces")
    made = box.holding(linux={"namespaces": namespaces(*NAMESPACES, "time"), "timeOffsets": {"boottime": {"secs": 77777}}})
    uptime = float(box.command("exec", made.id, "/bin/cat", "/proc/uptime").must().out.split()[0])
    check(f"uptime {uptime}", uptime - time.clock_gettime(time.CLOCK_BOOTTIME) > 77000)


# --- names ---

@case("config.hostname")
def hostname(box):
    equal("hostname", "mrs-x", box.see(hostname="mrs-x")["hostname"])


@case("config.domainname")
def domainname(box):
    equal("domainname", "example.test", box.see(domainname="example.test")["domainname"])


@case("config.hostname", "runtime.errors.no-trace")
def hostname_of_host(box):
    """Without a uts namespace of its own the container does not rename the host."""
    name = os.uname().nodename
    box.refused(hostname="stolen", linux={"namespaces": namespaces("mount", "pid", "ipc", "network")})
    equal("the host's name", name, os.uname().nodename)


@case("runtime.create.applies")
def sysfs_and_proc(box):
    """proc shows the new pid namespace, sysfs the new network namespace."""
    said = box.sh("ls -d /proc/[0-9]* | wc -l 2>/dev/null || ls -d /proc/[0-9]*; ls /sys/class/net")
    check(f"only lo: {said!r}", said.split()[-1] == "lo")


@case("linux.namespaces.new-cgroup")
def cgroup_is_root(box):
    seen = box.see(linux={"namespaces": namespaces(*NAMESPACES, "cgroup")},
                   mounts=[mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro")])
    equal("its cgroup", "/", seen["cgroup"].strip().splitlines()[-1].split(":")[2])
    check("the default mounts too", len(DEFAULT_MOUNTS) < seen["mountinfo"].count("\n"))
