# SPDX-License-Identifier: Apache-2.0
"""state, start, kill and delete."""

import json
import os
import signal

from suite.box import check, equal, until
from suite.registry import add, case


@case("runtime.scope.own", "runtime.operations.all", "runtime.query.answer")
def whole_life(box):
    made = box.container(args=["/probe", "wait"])
    seen = []
    for step in (made.create, made.start, made.ready, lambda: made.kill("KILL"), made.ended, made.delete):
        step()
        seen.append(made.status)
    equal("the states", ["created", "running", "running"], seen[:3])
    equal("the end", ["stopped", None], seen[4:])


@case("runtime.state.version", "runtime.state.id", "runtime.state.status", "runtime.state.pid", "runtime.state.bundle",
      "runtime.state.json")
def state_members(box):
    made = box.holding()
    state = json.loads(box.command("state", made.id).must().out)
    equal("id", made.id, state["id"])
    equal("status", "running", state["status"])
    equal("pid", made.pid, state["pid"])
    check("the pid is the program's", b"wait" in open(f"/proc/{made.pid}/cmdline", "rb").read())
    equal("bundle", str(made.bundle), state["bundle"])
    check("ociVersion", state["ociVersion"].split(".")[0] == "1")


@case("runtime.state.bundle")
def bundle_is_absolute(box):
    made = box.container()
    box.command("create", "--bundle", f"./{made.id}/../{made.id}", made.id).must()
    equal("bundle", str(made.bundle), made.state()["bundle"])


def needs_id(command, box):
    box.command(command).must_fail("no id was given")


def unknown(command, box):
    words = [command, "nobody"] + (["KILL"] if command == "kill" else [])
    box.command(*words).must_fail("there is no such container")


for command, section in {"state": "query", "start": "start", "kill": "kill", "delete": "delete"}.items():
    add(__name__, f"{command}_without_id", [f"runtime.{section}.needs-id"], lambda box, it=command: needs_id(it, box))
    if command != "kill":
        add(__name__, f"{command}_of_nobody", [f"runtime.{section}.unknown"], lambda box, it=command: unknown(it, box))
add(__name__, "kill_of_nobody", ["runtime.kill.wrong-state"], lambda box: unknown("kill", box))


@case("runtime.start.runs", "runtime.lifecycle.program-runs", "runtime.start.running")
def start_runs(box):
    made = box.container(args=["/probe", "wait", "3"])
    made.create().must()
    made.start().must()
    equal("status", "running", made.status)
    pid = made.ready().pid
    made.kill("USR1").must()
    equal("exit status", 3, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


@case("runtime.start.not-created")
def start_twice(box):
    made = box.holding()
    pid = made.pid
    made.start().must_fail("it runs already")
    equal("status", "running", made.status)
    equal("pid", pid, made.state()["pid"])


@case("runtime.start.not-created")
def start_stopped(box):
    made = box.holding()
    made.stop()
    made.start().must_fail("it is stopped")
    equal("status", "stopped", made.status)


@case("runtime.start.not-created")
def start_killed_before(box):
    """Killed while it was created, so never started."""
    made = box.container(args=["/bin/touch", "/started"])
    made.create().must()
    made.kill("KILL").must()
    made.ended()
    made.start().must_fail("it is stopped")
    check("the program has not run", not (made.root / "started").exists())


@case("runtime.start.no-process")
def start_without_process(box):
    made = box.container(process=None)
    if made.create().status == 0:
        made.start().must_fail("there is no process")


def killed_by(name, number, box):
    made = box.holding()
    pid = made.pid
    made.kill(name).must()
    os.waitpid(pid, 0)
    check(f"the program got signal {number}: {made.text!r}", made.text.split() == ["ready", str(number)])
    equal("status", "stopped", made.status)


for word, name in {"number": str(int(signal.SIGUSR2)), "name": "USR2", "long_name": "SIGUSR2"}.items():
    add(__name__, f"kill_by_{word}", ["runtime.kill.sends", "runtime.kill.stopped"],
        lambda box, name=name: killed_by(name, int(signal.SIGUSR2), box))
add(__name__, "kill_default_is_term", ["runtime.kill.sends"],
    lambda box: default_signal(box))


def default_signal(box):
    made = box.holding()
    pid = made.pid
    box.command("kill", made.id).must()
    os.waitpid(pid, 0)
    equal("said", ["ready", str(int(signal.SIGTERM))], made.text.split())


@case("runtime.kill.sends", "runtime.kill.stopped")
def kill_created(box):
    made = box.container()
    made.create().must()
    made.kill("KILL").must()
    made.ended()


@case("runtime.kill.wrong-state")
def kill_stopped(box):
    made = box.holding()
    made.stop()
    made.kill("TERM").must_fail("it is stopped")
    equal("status", "stopped", made.status)


@case("runtime.kill.wrong-state", "config.invalid-value")
def kill_with_nonsense(box):
    made = box.holding()
    for word in ("NOSUCH", "999", "-3", "TERMINATE"):
        made.kill(word).must_fail(f"{word} is no signal")
    equal("status", "running", made.status)


@case("runtime.kill.stopped")
def stopped_by_itself(box):
    made = box.container(args=["/bin/true"]).up()
    made.ended()


@case("runtime.kill.stopped")
def stopped_and_reaped(box):
    """Also when the process is gone altogether and its number could be another's."""
    made = box.holding()
    pid = made.pid
    made.kill("KILL").must()
    os.waitpid(pid, 0)
    equal("status", "stopped", made.status)


@case("runtime.delete.not-stopped")
def delete_running(box):
    made = box.holding()
    made.delete().must_fail("it runs")
    equal("status", "running", made.status)


@case("runtime.delete.resources", "runtime.lifecycle.destroyed")
def delete_leaves_nothing(box):
    made = box.container(args=["/probe", "wait"], mounts=[])
    before = box.left()
    made.up().ready().stop()
    made.delete().must()
    until(lambda: box.left() == before, f"all is as before: {box.left()}, {before}")


@case("runtime.delete.foreign")
def delete_keeps_foreign(box):
    """What was there before: files of the root and of a bind mount, a namespace that was joined."""
    outside = box.work / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    holder = box.holding()
    made = box.container(args=["/bin/sh", "-c", "echo more >/data/new"],
                         mounts=[{"destination": "/data", "source": str(outside), "options": ["bind"]}],
                         linux={"namespaces": [{"type": "mount"}, {"type": "uts", "path": f"/proc/{holder.pid}/ns/uts"}]})
    made.up().ended()
    made.delete().must()
    equal("the file", "kept", (outside / "file").read_text())
    equal("what the program wrote", "more\n", (outside / "new").read_text())
    check("the root", (made.root / "bin/busybox").exists())
    equal("the other container", "running", holder.status)


@case("runtime.delete.id-free")
def id_again(box):
    made = box.holding()
    made.stop().delete().must()
    made.output.unlink()
    made.up().ready()
    equal("status", "running", made.status)


@case("cli.delete-force")
def delete_force(box):
    made = box.holding()
    pid = made.pid
    made.delete("--force").must()
    equal("status", None, made.status)
    check("the process has ended", not box.alive(pid))


@case("cli.delete-force")
def delete_force_nobody(box):
    box.command("delete", "--force", "nobody").must()
