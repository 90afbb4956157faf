# SPDX-License-Identifier: Apache-2.0
"""Devices and links in /dev."""

import os
import stat

from suite.box import check, equal
from suite.registry import add, case

DEFAULT = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}


def described(box, path, **changes):
    """[type, major, minor, mode, uid, gid] as the container sees it."""
    said = box.says("/bin/stat", "-c", "%F|%t|%T|%a|%u|%g", path, **changes).split("|")
    return [said[0], int(said[1], 16), int(said[2], 16), *map(int, (said[3],), ), int(said[4]), int(said[5])]


def default(name, numbers, box):
    found = described(box, f"/dev/{name}")
    equal(f"/dev/{name}", ["character special file", *numbers, 666], found[:4])


for name, numbers in DEFAULT.items():
    add(__name__, f"default_{name}", [f"linux.devices.default-{name}"], lambda box, it=(name, numbers): default(*it, box))


@case("linux.devices.default-ptmx")
def default_ptmx(box):
    """That of the container's own devpts."""
    said = box.sh("readlink /dev/ptmx; stat -L -c %t:%T /dev/ptmx; (: <>/dev/ptmx) && echo opens")
    check(f"said {said!r}", said.split()[-2:] == ["5:2", "opens"])


def link(name, target, box):
    equal(f"/dev/{name}", f"/proc/{target}", box.says("/bin/readlink", f"/dev/{name}"))


for name, target in {"fd": "self/fd", "stdin": "self/fd/0", "stdout": "self/fd/1", "stderr": "self/fd/2"}.items():
    add(__name__, f"link_{name}", [f"linux.dev-link.{name}"], lambda box, it=(name, target): link(*it, box))


@case("linux.devices.available")
def character(box):
    device = {"path": "/dev/own", "type": "c", "major": 1, "minor": 3, "fileMode": 0o640, "uid": 12, "gid": 34}
    equal("/dev/own", ["character special file", 1, 3, 640, 12, 34], described(box, "/dev/own", linux={"devices": [device]}))


@case("linux.devices.available")
def block(box):
    device = {"path": "/dev/disk", "type": "b", "major": 7, "minor": 200, "fileMode": 0o600, "uid": 0, "gid": 0}
    equal("/dev/disk", ["block special file", 7, 200, 600], described(box, "/dev/disk", linux={"devices": [device]})[:4])


@case("linux.devices.available", "linux.devices.numbers")
def fifo(box):
    device = {"path": "/dev/pipe", "type": "p", "fileMode": 0o622}
    said = box.says("/bin/stat", "-c", "%F|%a", "/dev/pipe", linux={"devices": [device]})
    equal("/dev/pipe", "fifo|622", said)


@case("linux.devices.available")
def unbuffered(box):
    device = {"path": "/dev/own", "type": "u", "major": 1, "minor": 5, "fileMode": 0o666}
    equal("/dev/own", ["character special file", 1, 5], described(box, "/dev/own", linux={"devices": [device]})[:3])


@case("linux.devices.anywhere")
def anywhere(box):
    device = {"path": "/srv/deep/null", "type": "c", "major": 1, "minor": 3, "fileMode": 0o666}
    equal("it", ["character special file", 1, 3], described(box, "/srv/deep/null", linux={"devices": [device]})[:3])


@case("linux.devices.mismatch", "runtime.create.cannot-apply")
def mismatch(box):
    device = {"path": "/etc/device", "type": "c", "major": 1, "minor": 3, "fileMode": 0o666}
    made = box.container(linux={"devices": [device]})
    (made.root / "etc/device").write_text("a file")
    box.refused(container=made)
    equal("the file", "a file", (made.root / "etc/device").read_text())


@case("linux.devices.mismatch")
def match(box):
    """What is there already and is the same is no error."""
    device = {"path": "/etc/device", "type": "c", "major": 1, "minor": 3, "fileMode": 0o666}
    made = box.container(args=["/bin/true"], linux={"devices": [device]})
    os.mknod(made.root / "etc/device", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    made.run().must()


@case("linux.devices.numbers", "config.invalid-value")
def no_numbers(box):
    box.refused(linux={"devices": [{"path": "/dev/own", "type": "c"}]})


for word, device in {"type": {"path": "/dev/own", "type": "z", "major": 1, "minor": 3},
                     "no_type": {"path": "/dev/own", "major": 1, "minor": 3},
                     "no_path": {"type": "c", "major": 1, "minor": 3}}.items():
    add(__name__, f"bad_{word}", ["linux.devices.type", "config.invalid-value"],
        lambda box, device=device: box.refused(linux={"devices": [device]}))


@case("linux.devices.available", "runtime.errors.no-trace")
def outside_the_root(box):
    """A link in the root does not lead a device to the host."""
    made = box.container(args=["/bin/true"], linux={"devices": [{"path": "/way/oci-stray", "type": "c", "major": 1, "minor": 3}]})
    outside = box.work / "outside"
    outside.mkdir()
    (made.root / "way").symlink_to("../../outside")
    made.run()
    equal("outside", [], os.listdir(outside))
