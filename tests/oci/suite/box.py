# SPDX-License-Identifier: Apache-2.0
"""What a case works with: a runtime, a directory of its own, and the containers it makes."""

import json
import os
import pathlib
import subprocess
import time
from dataclasses import dataclass

from suite import bundle
from suite.registry import Failed, Skipped


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its status, and all it wrote (a container's program writes to the same place)."""
    words: tuple
    status: int
    out: str

    def must(self):
        if self.status != 0:
            raise Failed(f"{self.words[0]} failed ({self.status}): {self.out.strip()[-400:]}")
        return self

    def must_fail(self, why):
        if self.status == 0:
            raise Failed(f"{self.words[0]} succeeded: {why}")
        return self


def until(condition, what, seconds=10):
    """The first true value of condition(); a failure when the time has passed."""
    end = time.monotonic() + seconds * slowness
    while not (value := condition()):
        if time.monotonic() > end:
            raise Failed(f"waited in vain: {what}")
        time.sleep(0.005)
    return value


slowness = 10 if os.environ.get("PODSD_TESTBED_BACKEND") == "vm" else 1


def equal(what, want, got):
    if want != got:
        raise Failed(f"{what}: {got!r}, not {want!r}")


def check(what, condition):
    if not condition:
        raise Failed(what)


class Container:
    """A bundle, and the container that the runtime makes of it."""

    def __init__(self, box, name, config):
        self.box, self.id, self.config = box, name, config
        self.bundle = box.work / name
        self.bundle.mkdir()
        self.root = self.bundle / "rootfs"
        bundle.fill_root(self.root)
        self.write()
        self.output = box.work / f"{name}.out"
        self.pid_file = box.work / f"{name}.pid"

    def write(self):
        """Writes config.json anew."""
        bundle.write(self.bundle, self.config)

    def create(self, *options, **more):
        return self.box.command("create", "--bundle", self.bundle, "--pid-file", self.pid_file, *options, self.id,
                                output=self.output, **more)

    def run(self, *options, **more):
        """In the foreground: the program's status, or the runtime's own."""
        return self.box.command("run", "--bundle", self.bundle, *options, self.id, output=self.output, **more)

    def start(self, **more):
        return self.box.command("start", self.id, output=self.output, **more)

    def kill(self, signal="KILL"):
        return self.box.command("kill", self.id, str(signal))

    def delete(self, *options):
        return self.box.command("delete", *options, self.id)

    def exec(self, *words):
        return self.box.command("exec", *words)

    def state(self):
        """As JSON; None when the runtime knows no such container."""
        answer = self.box.command("state", self.id)
        return json.loads(answer.out) if answer.status == 0 else None

    @property
    def status(self):
        state = self.state()
        return state["status"] if state else None

    @property
    def pid(self):
        return int(self.pid_file.read_text())

    @property
    def text(self):
        """What the program and the commands that made the container have written so far."""
        return self.output.read_text(errors="replace")

    def up(self, *options, **more):
        """Created and started."""
        self.create(*options, **more).must()
        self.start(**more).must()
        return self

    def ready(self):
        """Waits for the probe, or for anything that says ready."""
        until(lambda: "ready" in self.text, f"the program says ready; it said {self.text!r}")
        return self

    def stop(self):
        self.kill("KILL").must()
        self.ended()
        return self

    def ended(self):
        until(lambda: self.status == "stopped", "the container is stopped")
        return self


class Box:
    """work: an empty directory on a tmpfs of the case's own; runtime: words of the command line up to the options."""

    def __init__(self, runtime, work):
        self.runtime, self.work = runtime, pathlib.Path(work)
        self.root = self.work / "state"
        self.containers = []
        self.prefix = f"oci-{os.urandom(4).hex()}"  # one id, one cgroup: cases run side by side

    def command(self, *words, output=None, environment=None, more_options=(), fds=(), stdin=subprocess.DEVNULL):
        """Runs the runtime with these words; its output goes to a file, since a container may keep it open."""
        words = [str(word) for word in words]
        path = pathlib.Path(output or self.work / ".command")
        at = path.stat().st_size if output and path.exists() else 0
        with open(path, "ab" if output else "wb") as stream:
            line = [*self.runtime.words, "--root", str(self.root), *map(str, more_options), *words]
            done = subprocess.run(line, stdin=stdin, stdout=stream, stderr=stream, pass_fds=fds, cwd=self.work,
                                  env={**os.environ, **self.runtime.environment, **(environment or {})}, check=False)
        return Outcome(tuple(words), done.returncode, path.read_text(errors="replace")[at:])

    def container(self, name=None, **changes):
        """A bundle with the default configuration and these changes (see bundle.configuration)."""
        made = Container(self, f"{self.prefix}-{name or len(self.containers)}", bundle.configuration(**changes))
        self.containers.append(made)
        return made

    def holding(self, **changes):
        """A running container whose program waits for a signal."""
        changes.setdefault("args", ["/probe", "wait"])
        return self.container(**changes).up().ready()

    def see(self, **changes):
        """What the probe sees in a container with these changes."""
        return self.look(self.container(**changes))

    def look(self, container):
        done = container.run()
        done.must()
        start = done.out.find("{\n")
        if start < 0:
            raise Failed(f"the probe said nothing: {done.out[-300:]!r}")
        return json.JSONDecoder().raw_decode(done.out[start:])[0]

    def says(self, *args, **changes):
        """What a program writes that ends with 0."""
        return self.container(args=args, **changes).run().must().out.strip()

    def sh(self, script, **changes):
        return self.says("/bin/sh", "-c", script, **changes)

    def refused(self, why="it should be refused", late=False, container=None, **changes):
        """create must fail and leave nothing; late: the error may also come with start. Gives what was said."""
        container = container or self.container(**changes)
        before = self.left()
        done = container.create()
        if done.status == 0 and late:
            done = container.start()
            said = done.must_fail(why).out
            container.delete("--force")
            return said
        said = done.must_fail(why).out
        equal("after the error state knows", None, container.state())
        until(lambda: self.left() == before, f"nothing is left of it: {self.left()} were {before}", 1.5)
        return said

    def left(self):
        """Folders of containers, processes and cgroups that are there now, mounts of this case too."""
        folders = sorted(path.name for path in self.root.glob("*") if not path.name.startswith(".")) if self.root.exists() else []
        processes = sorted(int(path.name) for path in pathlib.Path("/proc").glob("[0-9]*") if self.alive(int(path.name)))
        names = {container.id for container in self.containers}
        cgroups = sorted(name for name in os.listdir("/sys/fs/cgroup") if name in names)
        mounts = pathlib.Path("/proc/self/mountinfo").read_text().count("\n")
        return folders, processes if os.getpid() == 1 else [], cgroups, mounts

    @staticmethod
    def alive(pid):
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    def needs(self, condition, reason):
        if not condition:
            raise Skipped(reason)

    def controllers(self):
        return pathlib.Path("/sys/fs/cgroup/cgroup.controllers").read_text().split()
