# SPDX-License-Identifier: Apache-2.0
"""features: what the runtime says of itself must be so."""

import json

from namespaces import USER
from seccomp import ARCH, profile, rule
from suite.box import check, equal
from suite.bundle import NAMESPACES, mount, namespaces
from suite.registry import Failed, case

MEMBERS = {"ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux", "annotations", "potentiallyUnsafeConfigAnnotations"}
LINUX = {"namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux", "intelRdt", "mountExtensions", "netDevices",
         "memoryPolicy"}


def features(box):
    return json.loads(box.command("features").must().out)


def part(box, *names):
    """A member below linux; a case for one that is not there has nothing to check and passes."""
    found = features(box).get("linux") or {}
    for name in names:
        found = (found or {}).get(name)
    return found or []


def known(box, what, **changes):
    """The configuration is accepted: create succeeds, or fails for another reason than not knowing the word."""
    made = box.container(**changes)
    done = made.create()
    if done.status != 0 and any(word in done.out.lower() for word in ("unknown", "invalid", "unsupported", "not supported", "unrecogni")):
        raise Failed(f"{what} is listed, but: {done.out.strip()[-200:]}")
    made.delete("--force")


def version(text):
    return [int(one) for one in text.split("-")[0].split(".")]


@case("features.versions")
def versions(box):
    found = features(box)
    check("in this order", version(found["ociVersionMin"]) <= version(found["ociVersionMax"]))


@case("features.version-accepted")
def versions_accepted(box):
    found = features(box)
    for name in ("ociVersionMin", "ociVersionMax"):
        box.container(ociVersion=found[name], args=["/bin/true"]).run().must()


@case("features.known-members")
def members(box):
    found = features(box)
    equal("unknown members", set(), set(found) - MEMBERS)
    equal("unknown members of linux", set(), set(found.get("linux") or {}) - LINUX)


@case("features.hooks")
def hooks(box):
    for kind in features(box).get("hooks") or []:
        made = box.container(args=["/bin/true"], hooks={kind: [{"path": "/bin/busybox", "args": ["sh", "-c", "cat >/dev/null"]}]})
        made.run().must()


@case("features.mount-options")
def mount_options(box):
    listed = features(box).get("mountOptions") or []
    check("they are listed", "ro" in listed)
    source = box.work / "source"
    source.mkdir()
    entries = []
    for option in listed:
        if option in ("remount", "idmap", "ridmap", "copy-symlink"):
            continue
        if option in ("bind", "rbind") or option.startswith("r") and option not in ("ro", "rw", "relatime"):
            entries.append(mount(f"/data/{option}", "none", str(source), "rbind", option))
        else:
            entries.append(mount(f"/data/{option}", "tmpfs", "tmpfs", option))
    for at in range(0, len(entries), 20):
        box.container(args=["/bin/true"], mounts=entries[at:at + 20]).run().must()


@case("features.annotations")
def annotations(box):
    for key, value in (features(box).get("annotations") or {}).items():
        check(f"{key}: {value!r}", key and isinstance(value, str))


@case("features.namespaces")
def namespace_types(box):
    for kind in part(box, "namespaces"):
        if kind == "user":
            known(box, kind, linux=USER)
        else:
            known(box, kind, linux={"namespaces": namespaces(*dict.fromkeys((*NAMESPACES, kind)))})


@case("features.capabilities")
def capabilities(box):
    listed = part(box, "capabilities")
    check("they are listed", "CAP_CHOWN" in listed)
    made = box.container(args=["/bin/true"], process={"capabilities": {"bounding": listed}})
    said = made.run().out
    check(f"none is unknown: {said[-200:]}", "unknown" not in said.lower())


@case("features.seccomp.actions")
def actions(box):
    for action in part(box, "seccomp", "actions"):
        more = {"listenerPath": "/no/such"} if action == "SCMP_ACT_NOTIFY" else {}
        known(box, action, linux={"seccomp": profile(rule(action, "getppid"), default="SCMP_ACT_ALLOW" if action != "SCMP_ACT_ALLOW"
                                                     else "SCMP_ACT_LOG", **more)})


@case("features.seccomp.operators")
def operators(box):
    for op in part(box, "seccomp", "operators"):
        known(box, op, linux={"seccomp": profile(rule("SCMP_ACT_ERRNO", "getppid", args=[{"index": 0, "value": 1, "valueTwo": 1, "op": op}]))})


@case("features.seccomp.archs")
def archs(box):
    for arch in part(box, "seccomp", "archs"):
        known(box, arch, linux={"seccomp": {**profile(rule("SCMP_ACT_ERRNO", "getppid")), "architectures": list(dict.fromkeys([ARCH, arch]))}})


@case("features.seccomp.flags")
def flags(box):
    for flag in part(box, "seccomp", "supportedFlags"):
        more = {}
        if flag == "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV":  # needs a listener
            continue
        known(box, flag, linux={"seccomp": profile(rule("SCMP_ACT_ERRNO", "getppid"), flags=[flag], **more)})
    check("the supported ones are known", set(part(box, "seccomp", "supportedFlags")) <= set(part(box, "seccomp", "knownFlags")))


@case("features.idmap")
def idmap(box):
    """A runtime that reads the mappings says so: one that says nothing must refuse them, or it would ignore them."""
    said = (part(box, "mountExtensions", "idmap", "enabled") or False) is True
    both = [{"containerID": 0, "hostID": 1000, "size": 10}]
    (box.work / "source").mkdir()
    made = box.container(args=["/bin/true"], mounts=[mount("/data", "none", str(box.work / "source"), "bind", "idmap",
                                                          uidMappings=both, gidMappings=both)])
    if not said:
        made.run().must_fail("it does not say that it can do this")


@case("features.memory-policy")
def memory_policies(box):
    for mode in part(box, "memoryPolicy", "modes"):
        nodes = {} if mode in ("MPOL_DEFAULT", "MPOL_LOCAL") else {"nodes": "0"}
        known(box, mode, linux={"memoryPolicy": {"mode": mode, **nodes}})
    for flag in part(box, "memoryPolicy", "flags"):
        known(box, flag, linux={"memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0", "flags": [flag]}})
