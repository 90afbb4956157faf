# SPDX-License-Identifier: Apache-2.0
"""exec, run, list and the rest of the command line that engines use."""

import fcntl
import json
import os

from suite.box import check, equal, until
from suite.registry import case


def see_by_exec(box, made, *options):
    done = box.command("exec", *options, made.id, *(() if "--process" in options else ("/probe", "see"))).must()
    return seen_in(done.out)


def seen_in(text):
    return json.JSONDecoder().raw_decode(text[text.index("{\n"):])[0]


def process_file(box, **changes):
    path = box.work / "process.json"
    path.write_text(json.dumps({"args": ["/probe", "see"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0},
                                **changes}))
    return path


@case("cli.exec")
def exec_in_namespaces(box):
    made = box.holding()
    seen = see_by_exec(box, made)
    for name in ("mnt", "pid", "net", "ipc", "uts"):
        equal(name, os.readlink(f"/proc/{made.pid}/ns/{name}"), seen[f"ns_{name}"])
    check("a process of its own", seen["pid"] != 1)


@case("cli.exec")
def exec_status(box):
    made = box.holding()
    equal("status", 42, box.command("exec", made.id, "/bin/sh", "-c", "exit 42").status)
    equal("by a signal", 128 + 9, box.command("exec", made.id, "/bin/sh", "-c", "kill -9 $$").status)


@case("cli.exec")
def exec_missing_program(box):
    made = box.holding()
    box.command("exec", made.id, "/no/such").must_fail("there is no such program")
    equal("status", "running", made.status)


@case("cli.exec")
def exec_options(box):
    made = box.holding()
    seen = see_by_exec(box, made, "--cwd", "/tmp", "--env", "A=b", "--user", "7:8")
    equal("cwd", "/tmp", seen["cwd"])
    check("env", "A=b" in seen["env"])
    equal("uid", 7, seen["uid"][0])
    equal("gid", 8, seen["gid"][0])


@case("cli.exec-process", "config.process.env", "config.user.ids")
def exec_process(box):
    made = box.holding()
    path = process_file(box, user={"uid": 5, "gid": 6, "additionalGids": [9]}, cwd="/etc", env=["X=y"], noNewPrivileges=True)
    seen = see_by_exec(box, made, "--process", path)
    equal("uid", [5, 5, 5], seen["uid"])
    equal("gid", [6, 6, 6], seen["gid"])
    check("groups", 9 in seen["groups"])
    equal("cwd", "/etc", seen["cwd"])
    check("env", "X=y" in seen["env"])
    check("no new privileges", "NoNewPrivs:\t1" in seen["status"])


@case("cli.exec-state")
def exec_created(box):
    """Some engines do it, some runtimes refuse it; in both cases the container can still be started."""
    made = box.container(args=["/probe", "wait"])
    made.create().must()
    box.command("exec", made.id, "/bin/true")
    made.start().must()
    made.ready()


@case("cli.exec-state")
def exec_stopped(box):
    made = box.holding()
    made.stop()
    box.command("exec", made.id, "/bin/true").must_fail("it is stopped")
    box.command("exec", "nobody", "/bin/true").must_fail("there is no such container")


@case("cli.exec", "cli.pid-file")
def exec_detached(box):
    made = box.holding()
    pid_file = box.work / "exec.pid"
    box.command("exec", "--detach", "--pid-file", pid_file, made.id, "/bin/sh", "-c", "echo done >/result; sleep 100").must()
    pid = int(pid_file.read_text())
    equal("its pid namespace", os.readlink(f"/proc/{made.pid}/ns/pid"), os.readlink(f"/proc/{pid}/ns/pid"))
    until(lambda: (made.root / "result").exists(), "the program runs")


@case("config.process.cpu-affinity")
def exec_affinity(box):
    box.needs(len(os.sched_getaffinity(0)) > 1, "one processor only")
    last = max(os.sched_getaffinity(0))
    made = box.holding()
    seen = see_by_exec(box, made, "--process", process_file(box, execCPUAffinity={"initial": "0", "final": str(last)}))
    equal("cpus", [last], seen["cpus"])


@case("config.process.cpu-affinity")
def affinity_not_for_init(box):
    every = sorted(os.sched_getaffinity(0))
    equal("cpus", every, box.see(process={"execCPUAffinity": {"final": str(every[0])}})["cpus"])


@case("cli.run")
def run_status(box):
    made = box.container(args=["/bin/sh", "-c", "exit 9"])
    equal("status", 9, made.run().status)
    equal("state", None, made.state())


@case("cli.detach")
def run_detached(box):
    made = box.container(args=["/probe", "wait"])
    made.run("--detach", "--pid-file", made.pid_file).must()
    equal("status", "running", made.ready().status)
    equal("pid", made.pid, made.state()["pid"])


@case("cli.list")
def listing(box):
    ids = [box.holding().id, box.container().id]
    box.containers[1].create().must()
    lines = box.command("list", "--quiet").must().out.split()
    equal("ids", ids, sorted(lines))
    found = {one["id"]: one for one in json.loads(box.command("list", "--format", "json").must().out)}
    equal("status", ["running", "created"], [found[name]["status"] for name in ids])


@case("cli.list")
def listing_nothing(box):
    equal("ids", "", box.command("list", "--quiet").must().out.strip())


@case("cli.preserve-fds", "linux.fds")
def preserved(box):
    reading, writing = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in os.pipe())
    made = box.container(args=["/bin/sh", "-c", "echo through >&3"])
    os.dup2(writing, 3, inheritable=True)
    os.close(writing)
    made.run("--preserve-fds", "1", fds=(3,)).must()
    os.close(3)
    equal("what came", b"through\n", os.read(reading, 100))


@case("linux.fds")
def no_other_fds(box):
    """Not those that the caller leaves open."""
    stray = os.open("/", os.O_RDONLY)
    os.set_inheritable(stray, True)
    made = box.container()
    done = made.run(fds=(stray,)).must()
    equal("fds", [0, 1, 2], sorted(seen_in(done.out)["fds"]))


@case("cli.no-pivot")
def no_pivot(box):
    made = box.container(args=["/bin/ls", "/"])
    said = made.run("--no-pivot").must().out.split()
    check("the root is the container's", "probe" in said)


@case("cli.ps")
def processes(box):
    made = box.holding()
    equal("pids", [made.pid], json.loads(box.command("ps", "--format", "json", made.id).must().out))


@case("cli.spec")
def spec(box):
    (box.work / "fresh").mkdir()
    box.command("spec", "--bundle", box.work / "fresh").must()
    config = json.loads((box.work / "fresh/config.json").read_text())
    check("version", config["ociVersion"].startswith("1."))
    check("a mount namespace", {"type": "mount"} in config["linux"]["namespaces"])
    made = box.container()
    config["process"].update(args=["/bin/true"], terminal=False)
    config["process"].pop("rlimits", None)
    made.config = config
    made.write()
    made.run().must()


@case("cli.kill-all")
def kill_all(box):
    """In a pid namespace of its own the end of the init is the end of all; here there is none."""
    made = box.container(args=["/bin/sh", "-c", "sleep 1000 & echo ready; wait"],
                         linux={"namespaces": [{"type": "mount"}], "cgroupsPath": f"/{box.prefix}-all"}, mounts=[])
    made.up().ready()
    made.kill("KILL")
    made.ended()
    box.command("kill", "--all", made.id, "KILL")
    made.delete("--force").must()
    until(lambda: not [pid for pid in os.listdir("/proc") if pid.isdigit() and b"1000" in cmdline(pid)], "sleep is gone")


def cmdline(pid):
    try:
        return open(f"/proc/{pid}/cmdline", "rb").read()
    except OSError:
        return b""
