# SPDX-License-Identifier: Apache-2.0
"""Hooks: when, where, in which order, with what they are called, and what a failing one does."""

import json
import os

from suite.box import check, equal, until
from suite.registry import add, case

KINDS = {"prestart": "runtime", "createRuntime": "runtime", "createContainer": "container", "startContainer": "container",
         "poststart": "runtime", "poststop": "runtime"}
BEFORE_START = ("prestart", "createRuntime", "createContainer")


def shell(box, script, **more):
    """A hook. Its busybox is in the root too, at the same path, so that startContainer hooks find it."""
    return {"path": "/bin/busybox", "args": ["sh", "-c", script], "env": ["PATH=/bin"], **more}


def journal(box):
    """A file that hooks of the runtime namespace write to; those in the container find it at the same path."""
    folder = box.work / "journal"
    folder.mkdir(exist_ok=True)
    return folder


def with_journal(box, hooks, **changes):
    folder = journal(box)
    changes.setdefault("args", ["/bin/sh", "-c", f"echo program >>{folder}/all; echo ready; sleep 100"])
    entry = {"destination": str(folder), "type": "none", "source": str(folder), "options": ["bind"]}
    return box.container(hooks=hooks, mounts=[entry], **changes)


def written(box):
    path = journal(box) / "all"
    return path.read_text().split() if path.exists() else []


def note(box, word):
    return shell(box, f"echo {word} >>{journal(box)}/all")


@case("runtime.lifecycle.hook-prestart", "runtime.lifecycle.hook-createRuntime", "runtime.lifecycle.hook-createContainer",
      "runtime.lifecycle.hook-startContainer", "runtime.lifecycle.hook-poststart", "runtime.lifecycle.hook-poststop",
      "config.hooks.order", *(f"config.hooks.{kind}.time" for kind in KINDS))
def order(box):
    """Two of each kind, in the order of the life and of the lists."""
    made = with_journal(box, {kind: [note(box, f"{kind}-{n}") for n in (1, 2)] for kind in KINDS})
    made.create().must()
    equal("after create", [f"{kind}-{n}" for kind in BEFORE_START for n in (1, 2)], written(box))
    made.start().must()
    made.ready()
    now = written(box)[6:]
    equal("startContainer is first", ["startContainer-1", "startContainer-2"], now[:2])
    check(f"poststart is called before start returns: {now}", {"poststart-1", "poststart-2", "program"} == set(now[2:]))
    check("poststart in order", now.index("poststart-1") < now.index("poststart-2"))
    made.stop().delete().must()
    equal("after delete", ["poststop-1", "poststop-2"], written(box)[11:])


@case(*(f"runtime.lifecycle.hook-{kind}" for kind in KINDS), "cli.run")
def order_of_run(box):
    made = with_journal(box, {kind: [note(box, kind)] for kind in KINDS}, args=["/bin/sh", "-c", f"echo program >>{journal(box)}/all"])
    made.run().must()
    said = written(box)
    equal("all", sorted([*KINDS, "program"]), sorted(said))
    equal("the first ones", list(KINDS)[:4], said[:4])
    equal("the last one", "poststop", said[-1])


def place(kind, box):
    """In which namespaces it runs, seen by the mount and uts namespaces."""
    made = with_journal(box, {kind: [shell(box, f"(readlink /proc/self/ns/mnt; readlink /proc/self/ns/uts) >>{journal(box)}/all")]},
                        args=["/probe", "wait"], linux={"rootfsPropagation": "rprivate"})
    made.up().ready()
    own = [os.readlink(f"/proc/{made.pid}/ns/{name}") for name in ("mnt", "uts")]
    host = [os.readlink(f"/proc/self/ns/{name}") for name in ("mnt", "uts")]
    made.stop().delete().must()
    equal(f"{kind} is in the {KINDS[kind]} namespace", own if KINDS[kind] == "container" else host, written(box))


def found(kind, box):
    """Where its path is looked up: /only/here is there in one of the two."""
    made = with_journal(box, {kind: [{"path": f"{box.work}/only/busybox", "args": ["sh", "-c", f"echo ran >>{journal(box)}/all"]}]},
                        args=["/probe", "wait"])
    base = made.root if kind == "startContainer" else box.work.parent.parent.parent
    target = base / str(box.work / "only").lstrip("/")
    target.mkdir(parents=True)
    (target / "busybox").write_bytes((made.root / "bin/busybox").read_bytes())
    (target / "busybox").chmod(0o755)
    made.up().ready().stop().delete().must()
    equal(f"{kind}", ["ran"], written(box))


def fails_early(kind, box):
    """An error; the container is gone, and its poststop hooks were called."""
    made = with_journal(box, {kind: [note(box, "first"), shell(box, "exit 3"), note(box, "after")], "poststop": [note(box, "stop")]})
    before = box.left()
    if made.create().must_fail(f"{kind} fails") and made.state() is not None:
        raise AssertionError("the container is still there")
    check(f"neither the next hook nor the program runs: {written(box)}", not {"after", "program"} & set(written(box)))
    until(lambda: box.left() == before, f"all is as before: {box.left()}, {before}")
    check(f"poststop is called: {written(box)}", "stop" in written(box))


def fails_at_start(kind, box):
    made = with_journal(box, {kind: [shell(box, "exit 3"), note(box, "after")], "poststop": [note(box, "stop")]})
    made.create().must()
    made.start().must_fail(f"{kind} fails")
    check(f"the next hook does not run: {written(box)}", "after" not in written(box))
    if kind == "startContainer":
        check("the program does not run", "program" not in written(box))
    until(lambda: made.status in ("stopped", None), f"the container is stopped: {made.status}", 3)
    if made.status:
        made.delete("--force").must()
    equal("poststop is called once", 1, written(box).count("stop"))


def timeout(kind, box):
    made = with_journal(box, {kind: [shell(box, "sleep 1000", timeout=1)]})
    created = made.create()
    if kind in BEFORE_START:
        created.must_fail(f"{kind} takes too long")
    else:
        created.must()
        made.start().must_fail(f"{kind} takes too long")
    made.delete("--force")
    until(lambda: b"1000" not in b"".join(map(words, os.listdir("/proc"))), f"{kind}'s sleep is gone")


def words(pid):
    try:
        return open(f"/proc/{pid}/cmdline", "rb").read() if pid.isdigit() else b""
    except OSError:
        return b""


def state(kind, box):
    made = with_journal(box, {kind: [shell(box, f"cat >{journal(box)}/state")]}, args=["/probe", "wait"], annotations={"a": "b"})
    made.up().ready()
    pid = made.pid
    made.stop().delete().must()
    given = json.loads((journal(box) / "state").read_text())
    equal("id", made.id, given["id"])
    equal("bundle", str(made.bundle), given["bundle"])
    equal("annotations", {"a": "b"}, given["annotations"])
    check("ociVersion", given["ociVersion"].startswith("1."))
    allowed = {"prestart": ("creating", "created"), "createRuntime": ("creating", "created"), "createContainer": ("creating", "created"),
               "startContainer": ("created", "creating"), "poststart": ("running",), "poststop": ("stopped",)}[kind]
    check(f"status {given['status']}", given["status"] in allowed)
    if KINDS[kind] == "runtime" and kind != "poststop":
        equal("pid", pid, given["pid"])


for kind in KINDS:
    hook = f"runtime.lifecycle.hook-{kind}"
    add(__name__, f"place_{kind}", [f"config.hooks.{kind}.namespace"], lambda box, kind=kind: place(kind, box))
    add(__name__, f"path_{kind}", [f"config.hooks.{kind}.path"], lambda box, kind=kind: found(kind, box))
    add(__name__, f"state_{kind}", ["config.hooks.state"], lambda box, kind=kind: state(kind, box))
    if kind in BEFORE_START:
        add(__name__, f"failing_{kind}", [hook, "runtime.errors.no-trace"], lambda box, kind=kind: fails_early(kind, box))
    elif kind != "poststop":
        add(__name__, f"failing_{kind}", [hook], lambda box, kind=kind: fails_at_start(kind, box))
    if kind != "poststop":
        add(__name__, f"timeout_{kind}", ["config.hooks.timeout"], lambda box, kind=kind: timeout(kind, box))


@case("runtime.lifecycle.hook-poststop", "runtime.warnings.go-on")
def failing_poststop(box):
    made = with_journal(box, {"poststop": [shell(box, "exit 3"), note(box, "after")]})
    made.up().ready().stop().delete().must()
    equal("the next one is called", "after", written(box)[-1])
    equal("state", None, made.state())


@case("config.hooks.args", "config.hooks.env")
def words_and_environment(box):
    hook = {"path": "/bin/busybox", "args": ["sh", "-c", f'echo "$0" "$1" $ONE >{journal(box)}/all; env >>{journal(box)}/all', "zero", "a"],
            "env": ["ONE=1", "PATH=/bin"]}
    made = with_journal(box, {"createRuntime": [hook]})
    made.create(environment={"STRAY": "yes"}).must()
    said = written(box)
    equal("words", ["zero", "a", "1"], said[:3])
    check(f"env {said}", "STRAY=yes" not in said)


@case("config.hooks.args")
def without_words(box):
    """The path is the only word then."""
    made = with_journal(box, {"createRuntime": [{"path": f"{box.work}/script"}]})
    (box.work / "script").write_text(f"#!/bin/busybox sh\necho $# >{journal(box)}/all\n")
    (box.work / "script").chmod(0o755)
    made.create().must()
    equal("words", ["0"], written(box))


@case("config.hooks.path-absolute", "config.invalid-value")
def path_relative(box):
    box.refused(hooks={"createRuntime": [{"path": "bin/busybox", "args": ["true"]}]})


@case("config.hooks.prestart.path", "runtime.create.cannot-apply")
def path_missing(box):
    box.refused(hooks={"prestart": [{"path": "/no/such/hook"}]})


for word, value in {"zero": 0, "negative": -1}.items():
    add(__name__, f"timeout_{word}", ["config.hooks.timeout-positive", "config.invalid-value"],
        lambda box, value=value: box.refused(hooks={"createRuntime": [shell(box, "exit 0", timeout=value)]}))


@case("config.hooks.timeout")
def timeout_not_reached(box):
    made = with_journal(box, {"createRuntime": [shell(box, f"echo quick >{journal(box)}/all", timeout=30)]})
    made.create().must()
    equal("said", ["quick"], written(box))


@case("config.hooks.createContainer.time", "config.hooks.createRuntime.time")
def before_the_root_is_changed(box):
    """createContainer hooks run in the container's mounts, with the host's root still there."""
    made = with_journal(box, {"createContainer": [shell(box, f"test -e {box.work}/host && grep -c {box.prefix}-0/rootfs/data/m"
                                                             f" /proc/self/mountinfo >{journal(box)}/all")]})
    (box.work / "host").write_text("")
    made.config["mounts"].append({"destination": "/data/m", "type": "tmpfs", "source": "tmpfs"})
    made.write()
    made.create().must()
    equal("the mount is there", ["1"], written(box))


@case("config.hooks.createRuntime.time")
def hook_changes_the_container(box):
    """As network hooks do: by way of the pid in the state."""
    script = "s=$(cat); pid=${s#*\\\"pid\\\":}; pid=${pid%%,*}; readlink /proc/$((pid))/ns/net >" + f"{journal(box)}/all"
    made = with_journal(box, {"createRuntime": [shell(box, script)]})
    made.create().must()
    equal("the network namespace", [os.readlink(f"/proc/{made.pid}/ns/net")], written(box))
