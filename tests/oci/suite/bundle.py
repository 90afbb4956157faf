# SPDX-License-Identifier: Apache-2.0
"""Bundles: a configuration to change, and a root with busybox and the probe."""

import copy
import json
import os
import pathlib
import shutil

BUILD = pathlib.Path(os.environ.get("PODSD_BUILD", "/podsd/build"))
BUSYBOX = pathlib.Path("/bin/busybox")
APPLETS = ("sh", "cat", "ls", "echo", "true", "false", "sleep", "mkdir", "rm", "touch", "stat", "readlink", "mount", "umount",
           "id", "env", "kill", "ip", "mknod", "chmod", "cp", "dd", "test")


def mount(destination, kind, source, *options, **more):
    """An entry of mounts; an empty kind or source is left out."""
    entry = {"destination": destination, "type": kind, "source": source, "options": list(options), **more}
    return {key: value for key, value in entry.items() if value or key == "destination"}


DEFAULT_MOUNTS = [
    mount("/proc", "proc", "proc"),
    mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
    mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
    mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
    mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
    mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
]
CAPABILITIES = ["CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_NET_BIND_SERVICE",
                "CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT"]
NAMESPACES = ("pid", "ipc", "uts", "mount", "network")


def namespaces(*kinds, **paths):
    """linux.namespaces: new ones by name, joined ones as kind=path."""
    return [{"type": kind} for kind in kinds] + [{"type": kind, "path": str(path)} for kind, path in paths.items()]


DEFAULT = {
    "ociVersion": "1.0.2",
    "process": {
        "user": {"uid": 0, "gid": 0},
        "args": ["/probe", "see"],
        "env": ["PATH=/bin:/sbin", "HOME=/"],
        "cwd": "/",
        "capabilities": {kind: CAPABILITIES for kind in ("bounding", "effective", "permitted")},
        "noNewPrivileges": True,
    },
    "root": {"path": "rootfs"},
    "mounts": DEFAULT_MOUNTS,
    "linux": {"namespaces": namespaces(*NAMESPACES)},
}


def merge(base, change):
    """base with the members of change; objects are merged, None takes a member away."""
    for key, value in change.items():
        if value is None:
            base.pop(key, None)
        elif isinstance(value, dict) and isinstance(base.get(key), dict):
            merge(base[key], value)
        else:
            base[key] = copy.deepcopy(value)
    return base


def configuration(mounts=(), args=None, **changes):
    """The default one with changes; mounts come after the default ones, args are those of the process."""
    config = merge(copy.deepcopy(DEFAULT), changes)
    config["mounts"] = config["mounts"] + list(mounts) if "mounts" in config else list(mounts)
    if args is not None:
        config["process"]["args"] = [str(word) for word in args]
    return config


def fill_root(root):
    """An empty directory becomes a root to run sh and probe in."""
    for name in ("bin", "dev", "proc", "sys", "tmp", "etc", "data"):
        (root / name).mkdir(parents=True)
    shutil.copy(BUSYBOX, root / "bin/busybox")
    shutil.copy(BUILD / "tests/oci/probe", root / "probe")
    for applet in APPLETS:
        (root / "bin" / applet).symlink_to("busybox")


def write(bundle, config):
    (bundle / "config.json").write_text(json.dumps(config, indent=1))
