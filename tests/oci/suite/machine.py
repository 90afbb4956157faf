# SPDX-License-Identifier: Apache-2.0
"""One case in processes, mounts and a tmpfs of its own, with a deadline; what it leaves dies with it.

A process of the driver's makes the namespaces; its child is their PID 1, adopts what runtimes leave, and runs the case.
"""

import ctypes
import json
import os
import signal
import time
import traceback

from suite.box import Box, slowness
from suite.registry import Failed, Skipped

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWPID = 0x20000, 0x20000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
WORK = "/run/oci"


def system(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source, target, kind, flags, data=""):
    system(libc.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode()), f"mount {target}")


def judge(case, runtime):
    """pass, FAIL or skip, and why."""
    try:
        os.mkdir(f"{WORK}/box")
        case.run(Box(runtime, f"{WORK}/box"))
        return "pass", ""
    except Skipped as reason:
        return "skip", str(reason)
    except Failed as reason:
        return "FAIL", str(reason)
    except Exception:  # noqa: BLE001  a case that stumbles over what it finds is a case that fails
        return "FAIL", traceback.format_exc(limit=-3)


def inside(case, runtime, pipe):
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    if case.own_pids:
        mount("proc", "/proc", "proc", 0)
    os.makedirs(WORK, exist_ok=True)
    mount("tmpfs", WORK, "tmpfs", 0, "mode=755")
    os.write(pipe, json.dumps(judge(case, runtime)).encode())


def outside(case, runtime, pipe):
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    system(libc.unshare(CLONE_NEWNS | (CLONE_NEWPID if case.own_pids else 0)), "unshare")
    child = os.fork()
    if child == 0:
        try:
            inside(case, runtime, pipe)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


class Running:
    """A case on its way. result() once done() is true."""

    def __init__(self, case, runtime):
        self.case, self.runtime = case, runtime
        self.since = time.monotonic()
        self.pipe, pipe = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.pipe)
                outside(case, runtime, pipe)
            finally:
                os._exit(0)
        os.close(pipe)

    def done(self):
        if os.waitpid(self.pid, os.WNOHANG) != (0, 0):
            return True
        if time.monotonic() > self.since + self.case.seconds * slowness:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            return True
        return False

    def result(self):
        """(pass, FAIL or skip, why, seconds)"""
        text = b""
        while part := os.read(self.pipe, 65536):
            text += part
        os.close(self.pipe)
        took = time.monotonic() - self.since
        word, why = json.loads(text) if text else ("FAIL", f"no end within {self.case.seconds * slowness} s")
        return word, why, took
