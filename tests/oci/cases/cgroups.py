# SPDX-License-Identifier: Apache-2.0
"""cgroupsPath and resources. What needs a controller can only be tried in the vm: PODSD_TESTBED_BACKEND=vm tests/run oci."""

import errno
import json
import os
import pathlib
import subprocess

from namespaces import USER, with_user
from suite.box import check, equal, until
from suite.bundle import NAMESPACES, mount, namespaces
from suite.machine import mount as mount_now
from suite.registry import add, case

TREE = pathlib.Path("/sys/fs/cgroup")


def needs(box, controller):
    box.needs(controller in box.controllers(), f"no {controller} controller here: run it in the vm")


def place_of(pid):
    """The cgroup of a process, from the top of the hierarchy."""
    return pathlib.Path(f"/proc/{pid}/cgroup").read_text().strip().splitlines()[-1].split(":", 2)[2]


def with_resources(box, resources, **changes):
    return box.holding(linux={"cgroupsPath": f"/{box.prefix}/inner", "resources": resources}, **changes)


def value(made, name):
    return (TREE / place_of(made.pid).lstrip("/") / name).read_text().strip()


def refused(box, **resources):
    box.refused(linux={"cgroupsPath": f"/{box.prefix}/inner", "resources": resources})


@case("linux.cgroups.path", "linux.cgroups.path-same", "runtime.delete.resources")
def path(box):
    for _ in range(2):
        made = box.holding(linux={"cgroupsPath": f"/{box.prefix}/inner"})
        equal("its cgroup", f"/{box.prefix}/inner", place_of(made.pid))
        made.stop().delete().must()
        until(lambda: not (TREE / box.prefix / "inner").exists(), "the cgroup is gone")


@case("linux.cgroups.path-same")
def path_relative(box):
    places = set()
    for _ in range(2):
        made = box.holding(linux={"cgroupsPath": f"{box.prefix}-relative"})
        places.add(place_of(made.pid))
        made.stop().delete().must()
    check(f"one place: {places}", len(places) == 1 and f"{box.prefix}-relative" in places.pop())


@case("linux.cgroups.path-invalid", "runtime.errors.no-trace")
def path_climbing(box):
    """Refused, or held inside the hierarchy."""
    made = box.container(args=["/probe", "wait"], linux={"cgroupsPath": f"/../../../tmp/{box.prefix}"})
    if made.create().status == 0:
        check("it is in a cgroup of that name", place_of(made.pid).endswith(box.prefix) and ".." not in place_of(made.pid))
        made.delete("--force").must()
    check("nothing is outside", not os.path.exists(f"/tmp/{box.prefix}"))


@case("linux.cgroups.unfit", seconds=8)
def frozen(box):
    """An error, or a container that runs; never one that hangs."""
    folder = TREE / box.prefix
    folder.mkdir()
    (folder / "cgroup.freeze").write_text("1")
    made = box.container(args=["/probe", "wait"], linux={"cgroupsPath": f"/{box.prefix}"})
    try:
        if made.create().status == 0:
            made.start().must()
            made.ready()
    finally:
        (folder / "cgroup.freeze").write_text("0")
        made.delete("--force")


@case("linux.cgroups.owner")
def owner(box):
    equal("owners", [200000] * 3, owners(box, "rw"))


@case("linux.cgroups.owner")
def owner_read_only(box):
    equal("owners", [0] * 3, owners(box, "ro"))


@case("linux.cgroups.owner-default")
def owner_without_list(box):
    """A kernel that has no /sys/kernel/cgroup/delegate."""
    mount_now("tmpfs", "/sys/kernel/cgroup", "tmpfs", 0)
    equal("owners", [200000] * 3, owners(box, "rw"))


def owners(box, mode):
    made = with_user(box, args=["/probe", "wait"], mounts=[mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", mode)],
                     linux={**USER, "namespaces": namespaces(*NAMESPACES, "user", "cgroup"), "cgroupsPath": f"/{box.prefix}/inner"})
    made.up().ready()
    folder = TREE / place_of(made.pid).lstrip("/")
    return [(folder / name).stat().st_uid for name in ("cgroup.procs", "cgroup.subtree_control", "cgroup.threads")]


# --- devices ---

DEVICE = {"path": "/dev/own", "type": "c", "major": 240, "minor": 77, "fileMode": 0o666}
RULE = {"type": "c", "major": 240, "minor": 77, "access": "rwm"}


def opening(box, *rules):
    """What becomes of a device that has no driver: ENXIO where it may be opened."""
    script = "cat /dev/own 2>&1; cat /dev/null && echo null"
    made = box.container(args=["/bin/sh", "-c", script], linux={"cgroupsPath": f"/{box.prefix}/inner", "devices": [DEVICE],
                                                                "resources": {"devices": [{"allow": False, "access": "rwm"}, *rules]}})
    said = made.run().must().out
    check(f"the default ones are allowed: {said!r}", said.strip().endswith("null"))
    for number in (errno.EPERM, errno.ENXIO):
        if os.strerror(number) in said:
            return number
    return said


@case("linux.cgroups.devices-order")
def devices_allowed_last(box):
    equal("opening", errno.ENXIO, opening(box, {**RULE, "allow": False}, {**RULE, "allow": True}))


@case("linux.cgroups.devices-order")
def devices_denied_last(box):
    equal("opening", errno.EPERM, opening(box, {**RULE, "allow": True}, {**RULE, "allow": False}))


@case("linux.cgroups.devices-order")
def devices_by_access(box):
    equal("opening", errno.EPERM, opening(box, {**RULE, "allow": True, "access": "wm"}))


@case("linux.cgroups.devices-order")
def devices_by_major(box):
    equal("opening", errno.ENXIO, opening(box, {"allow": True, "type": "c", "major": 240, "access": "r"}))


# --- limits ---

@case("linux.cgroups.memory")
def memory(box):
    needs(box, "memory")
    made = with_resources(box, {"memory": {"limit": 64 << 20, "reservation": 32 << 20, "swap": 96 << 20}})
    equal("memory.max", str(64 << 20), value(made, "memory.max"))
    equal("memory.low", str(32 << 20), value(made, "memory.low"))
    if (TREE / place_of(made.pid).lstrip("/") / "memory.swap.max").exists():
        equal("memory.swap.max", str(32 << 20), value(made, "memory.swap.max"))


@case("linux.cgroups.memory")
def memory_unlimited(box):
    needs(box, "memory")
    equal("memory.max", "max", value(with_resources(box, {"memory": {"limit": -1}}), "memory.max"))


@case("linux.cgroups.memory-check", "cli.update")
def memory_check(box):
    needs(box, "memory")
    made = with_resources(box, {"memory": {"limit": 64 << 20}})
    low = box.work / "low.json"
    low.write_text(json.dumps({"memory": {"limit": 4096, "checkBeforeUpdate": True}}))
    box.command("update", "--resources", low, made.id).must_fail("more than that is in use")
    equal("memory.max", str(64 << 20), value(made, "memory.max"))
    equal("status", "running", made.status)


@case("linux.cgroups.cpu")
def cpu(box):
    needs(box, "cpu")
    made = with_resources(box, {"cpu": {"shares": 1024, "quota": 50000, "period": 200000}})
    equal("cpu.max", "50000 200000", value(made, "cpu.max"))
    check("cpu.weight is not the default of the shares' lower end", 30 <= int(value(made, "cpu.weight")) <= 110)


@case("linux.cgroups.cpu-burst")
def cpu_burst(box):
    needs(box, "cpu")
    made = with_resources(box, {"cpu": {"quota": 50000, "period": 100000, "burst": 20000}})
    equal("cpu.max.burst", "20000", value(made, "cpu.max.burst"))
    refused(box, cpu={"quota": 50000, "period": 100000, "burst": 60000})


@case("linux.cgroups.cpu")
def cpu_set(box):
    needs(box, "cpuset")
    equal("cpus", [0], json.loads(box.says("/probe", "see", linux={"cgroupsPath": f"/{box.prefix}/inner",
                                                                 "resources": {"cpu": {"cpus": "0"}}}))["cpus"])


@case("linux.cgroups.pids")
def pids(box):
    needs(box, "pids")
    equal("pids.max", "33", value(with_resources(box, {"pids": {"limit": 33}}), "pids.max"))


@case("linux.cgroups.pids")
def pids_unlimited(box):
    needs(box, "pids")
    equal("pids.max", "max", value(with_resources(box, {"pids": {"limit": -1}}), "pids.max"))


@case("linux.cgroups.hugetlb")
def hugetlb(box):
    needs(box, "hugetlb")
    made = with_resources(box, {"hugepageLimits": [{"pageSize": "2MB", "limit": 4 << 20}]})
    equal("hugetlb.2MB.max", str(4 << 20), value(made, "hugetlb.2MB.max"))


@case("linux.cgroups.hugetlb", "config.invalid-value")
def hugetlb_bad_size(box):
    refused(box, hugepageLimits=[{"pageSize": "3MB", "limit": 4 << 20}])


@case("linux.cgroups.io-weight", "config.invalid-value")
def io_weight_nothing(box):
    refused(box, blockIO={"weightDevice": [{"major": 8, "minor": 0}]})


@case("linux.cgroups.rdma", "config.invalid-value")
def rdma_nothing(box):
    refused(box, rdma={"mlx5_1": {}})


@case("linux.cgroups.memory", "runtime.create.cannot-apply")
def controller_missing(box):
    """A limit that cannot bind is an error."""
    box.needs("memory" not in box.controllers(), "the controller is there")
    refused(box, memory={"limit": 64 << 20})


@case("linux.cgroups.unified")
def unified(box):
    equal("cgroup.max.depth", "7", value(with_resources(box, {"unified": {"cgroup.max.depth": "7"}}), "cgroup.max.depth"))


@case("linux.cgroups.unified-enabled", "linux.cgroups.unified")
def unified_controller(box):
    needs(box, "pids")
    equal("pids.max", "44", value(with_resources(box, {"unified": {"pids.max": "44"}}), "pids.max"))


for word, key in {"controller": "gravity.max", "file": "cgroup.no_such_file", "path": "../cgroup.max.depth"}.items():
    add(__name__, f"unified_missing_{word}", ["linux.cgroups.unified-missing"], lambda box, key=key: refused(box, unified={key: "1"}))

for word, resources in {"class": {"network": {"classID": 5}}, "real_time": {"cpu": {"realtimeRuntime": 1000, "realtimePeriod": 10000}},
                        "kernel_tcp": {"memory": {"kernelTCP": 1 << 20}}}.items():
    add(__name__, f"no_conversion_{word}", ["linux.cgroups.no-conversion"], lambda box, it=resources: refused(box, **it))


# --- commands ---

@case("cli.pause")
def pause(box):
    made = with_resources(box, {})
    box.command("pause", made.id).must()
    equal("status", "paused", made.status)
    equal("cgroup.freeze", "1", value(made, "cgroup.freeze"))
    box.command("pause", made.id).must_fail("it is paused already")
    box.command("resume", made.id).must()
    equal("status", "running", made.status)
    box.command("resume", made.id).must_fail("it is not paused")


@case("cli.pause", "cli.delete-force")
def delete_paused(box):
    made = with_resources(box, {})
    box.command("pause", made.id).must()
    made.delete("--force").must()
    equal("status", None, made.status)


@case("cli.update")
def update(box):
    needs(box, "pids")
    made = with_resources(box, {"pids": {"limit": 33}, "memory": {"limit": 64 << 20}})
    box.command("update", "--pids-limit", "55", "--memory", str(80 << 20), made.id).must()
    equal("pids.max", "55", value(made, "pids.max"))
    equal("memory.max", str(80 << 20), value(made, "memory.max"))


@case("cli.events")
def events(box):
    made = with_resources(box, {})
    event = json.loads(box.command("events", "--stats", made.id).must().out.strip().splitlines()[0])
    equal("type", "stats", event["type"])
    equal("id", made.id, event["id"])
    check("data", isinstance(event["data"], dict))


@case("cli.systemd-cgroup", own_pids=False)
def scope(box):
    """slice:prefix:name; stopped and unloaded with the container."""
    made = box.container(args=["/probe", "wait"], linux={"cgroupsPath": f"system.slice:oci:{box.prefix}"})
    more = ["--systemd-cgroup"]
    made.up(more_options=more).ready()
    unit = f"oci-{box.prefix}.scope"
    equal("its cgroup", f"/system.slice/{unit}", place_of(made.pid))
    equal("the scope", "active", systemctl("is-active", unit))
    box.command("kill", made.id, "KILL", more_options=more).must()
    made.ended()
    box.command("delete", made.id, more_options=more).must()
    until(lambda: systemctl("is-active", unit) != "active", "the scope is gone")


def systemctl(*words):
    return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False).stdout.strip()
