# SPDX-License-Identifier: Apache-2.0
"""linux.netDevices (1.3): existing devices that move into the container's namespace."""

import json
import subprocess

from suite.box import check, equal
from suite.bundle import NAMESPACES, namespaces
from suite.machine import libc, system
from suite.registry import Skipped, case

CLONE_NEWNET = 0x40000000


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=False)


def own_network():
    """The runtime's namespace for this case, so that its devices are no one else's."""
    system(libc.unshare(CLONE_NEWNET), "unshare")


def device(name):
    done = ip("link", "add", name, "type", "veth", "peer", "name", f"{name}-peer")
    if done.returncode != 0:
        raise Skipped(f"no veth devices here: {done.stderr.strip()}")


def addresses(text):
    return json.loads(text)[0]


def seen_inside(made, *words):
    done = subprocess.run(["nsenter", f"--net=/proc/{made.pid}/ns/net", "ip", *words], capture_output=True, text=True, check=False)
    equal(f"ip {' '.join(words)}: {done.stderr}", 0, done.returncode)
    return done.stdout


@case("linux.net-devices.moved", "linux.net-devices.up", "linux.net-devices.left-alone")
def moved(box):
    own_network()
    device("out0")
    made = box.holding(linux={"netDevices": {"out0": {}}})
    check("it is no longer outside", ip("link", "show", "out0").returncode != 0)
    check("it is up", "UP" in addresses(seen_inside(made, "-json", "link", "show", "out0"))["flags"])
    made.stop().delete().must()
    check("it is not brought back", ip("link", "show", "out0").returncode != 0)


@case("linux.net-devices.moved")
def renamed(box):
    own_network()
    device("out0")
    made = box.holding(linux={"netDevices": {"out0": {"name": "in0"}}})
    seen_inside(made, "link", "show", "in0")


@case("linux.net-devices.template")
def template(box):
    own_network()
    device("out0")
    made = box.holding(linux={"netDevices": {"out0": {"name": "eth%d"}}})
    seen_inside(made, "link", "show", "eth0")


@case("linux.net-devices.addresses")
def with_addresses(box):
    own_network()
    device("out0")
    for address in ("10.9.8.7/24", "fd00:9::7/64"):
        ip("addr", "add", address, "dev", "out0", *(["nodad"] if ":" in address else []))
    made = box.holding(linux={"netDevices": {"out0": {"name": "in0"}}})
    found = {(one["local"], one["prefixlen"]) for one in addresses(seen_inside(made, "-json", "addr", "show", "in0"))["addr_info"]}
    check(f"addresses {found}", {("10.9.8.7", 24), ("fd00:9::7", 64)} <= found)


@case("linux.net-devices.name-taken", "runtime.errors.no-trace")
def name_taken(box):
    own_network()
    device("out0")
    box.refused(linux={"netDevices": {"out0": {"name": "lo"}}})
    check("it is still outside", ip("link", "show", "out0").returncode == 0)


@case("linux.net-devices.moved", "runtime.create.cannot-apply")
def missing(box):
    own_network()
    box.refused(linux={"netDevices": {"nothing0": {}}})


@case("linux.net-devices.moved", "config.invalid-value")
def without_namespace(box):
    own_network()
    device("out0")
    box.refused(linux={"namespaces": namespaces(*[kind for kind in NAMESPACES if kind != "network"]), "netDevices": {"out0": {}}},
                mounts=[])


@case("linux.net-devices.moved", "config.invalid-value")
def bad_name(box):
    own_network()
    device("out0")
    for name in ("a/b", "x" * 16, "."):
        box.refused(linux={"netDevices": {"out0": {"name": name}}})
