# SPDX-License-Identifier: Apache-2.0
"""linux.seccomp: actions, operators, errors; and the supervisor that gets a filter's notifications."""

import array
import errno
import fcntl
import json
import platform
import signal
import socket
import struct
import threading

from suite.box import check, equal, until
from suite.registry import Failed, add, case

ARCH = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}.get(platform.machine())
GETPPID, MKDIR, SOCKET = {"x86_64": (110, 83, 41)}.get(platform.machine(), (173, 34, 198))


def profile(*rules, default="SCMP_ACT_ALLOW", **more):
    return {"defaultAction": default, "architectures": [ARCH], "syscalls": list(rules), **more}


def rule(action, *names, **more):
    return {"names": list(names), "action": action, **more}


def calls(box, seccomp, number=GETPPID, *arguments):
    """[result, errno] of that call under the profile."""
    return list(map(int, box.says("/probe", "call", number, *arguments, linux={"seccomp": seccomp}).split()))


def ends_by(box, action, number):
    made = box.container(args=["/probe", "call", GETPPID], linux={"seccomp": profile(rule(action, "getppid"))})
    status = made.run().status
    check(f"{action}: status {status}", status in (128 + number, -number))


for action in ("KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP"):
    add(__name__, f"action_{action.lower()}", [f"linux.seccomp.action.{action}"],
        lambda box, action=f"SCMP_ACT_{action}": ends_by(box, action, int(signal.SIGSYS)))


@case("linux.seccomp.action.ERRNO", "linux.seccomp.errno-ret")
def action_errno(box):
    equal("the default", [-1, errno.EPERM], calls(box, profile(rule("SCMP_ACT_ERRNO", "getppid"))))
    equal("as given", [-1, errno.EXDEV], calls(box, profile(rule("SCMP_ACT_ERRNO", "getppid", errnoRet=errno.EXDEV))))


@case("linux.seccomp.action.ERRNO", "linux.seccomp.errno-ret")
def action_errno_zero(box):
    equal("0 is a value", [0, 0], calls(box, profile(rule("SCMP_ACT_ERRNO", "getppid", errnoRet=0))))


@case("linux.seccomp.action.TRACE")
def action_trace(box):
    """Without a tracer the call is not there."""
    equal("result", [-1, errno.ENOSYS], calls(box, profile(rule("SCMP_ACT_TRACE", "getppid", errnoRet=7))))


@case("linux.seccomp.action.LOG")
def action_log(box):
    equal("result", [0, 0], calls(box, profile(rule("SCMP_ACT_LOG", "getppid"))))


@case("linux.seccomp.action.ALLOW", "linux.seccomp.default-action")
def action_allow(box):
    """All but one call that nobody needs: the default says what becomes of it."""
    names = [name for name in EVERYTHING if name != "getppid"]
    equal("result", [-1, errno.EXDEV], calls(box, profile(rule("SCMP_ACT_ALLOW", *names), default="SCMP_ACT_ERRNO", defaultErrnoRet=errno.EXDEV)))
    equal("without a number", [-1, errno.EPERM], calls(box, profile(rule("SCMP_ACT_ALLOW", *names), default="SCMP_ACT_ERRNO")))


# What a runtime and the probe need, and more.
EVERYTHING = """read write open close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn ioctl
pread64 pwrite64 readv writev access pipe select sched_yield mremap madvise dup dup2 dup3 nanosleep getpid sendto recvfrom sendmsg recvmsg
socket connect shutdown socketpair clone fork vfork execve execveat exit wait4 kill uname fcntl flock fsync getcwd chdir fchdir rename
mkdir mkdirat rmdir unlink unlinkat readlink readlinkat chmod fchmod chown fchown umask gettimeofday getrlimit getuid getgid setuid setgid
geteuid getegid setpgid getppid getpgrp setsid getgroups setgroups setresuid getresuid setresgid getresgid capget capset sigaltstack
personality statfs fstatfs prctl arch_prctl setrlimit sync gettid tkill futex sched_setaffinity sched_getaffinity set_thread_area
getdents64 set_tid_address clock_gettime clock_nanosleep exit_group epoll_wait epoll_ctl tgkill openat newfstatat faccessat faccessat2
ppoll set_robust_list get_robust_list utimensat epoll_pwait eventfd2 epoll_create1 pipe2 preadv pwritev prlimit64 getcpu getrandom
memfd_create statx rseq clone3 close_range openat2 pidfd_open pidfd_send_signal seccomp bpf getsid capset membarrier keyctl""".split()


# operator: value, then an argument that fits and one that does not; MASKED_EQ with valueTwo
OPERATORS = {"NE": (5, None, 6, 5), "LT": (5, None, 4, 5), "LE": (5, None, 5, 6), "EQ": (5, None, 5, 6), "GE": (5, None, 5, 4),
             "GT": (5, None, 6, 5), "MASKED_EQ": (0xf0, 0x50, 0x5f, 0x60)}


def operator(name, value, second, fits, misses, box):
    argument = {"index": 1, "value": value, "op": f"SCMP_CMP_{name}"} | ({"valueTwo": second} if second is not None else {})
    seccomp = profile(rule("SCMP_ACT_ERRNO", "getppid", errnoRet=errno.EXDEV, args=[argument]))
    equal(f"{fits} fits", [-1, errno.EXDEV], calls(box, seccomp, GETPPID, 0, fits))
    equal(f"{misses} does not", [0, 0], calls(box, seccomp, GETPPID, 0, misses))


for name, values in OPERATORS.items():
    add(__name__, f"operator_{name.lower()}", [f"linux.seccomp.operator.{name}"], lambda box, it=(name, *values): operator(*it, box))


@case("linux.seccomp.operator.EQ")
def arguments_all_must_fit(box):
    both = [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 2, "op": "SCMP_CMP_EQ"}]
    seccomp = profile(rule("SCMP_ACT_ERRNO", "getppid", errnoRet=errno.EXDEV, args=both))
    equal("both", [-1, errno.EXDEV], calls(box, seccomp, GETPPID, 1, 2))
    equal("one", [0, 0], calls(box, seccomp, GETPPID, 1, 3))


@case("linux.seccomp.operator.EQ")
def argument_of_64_bits(box):
    large = 0x1234567890abcdef
    seccomp = profile(rule("SCMP_ACT_ERRNO", "getppid", args=[{"index": 0, "value": large, "op": "SCMP_CMP_EQ"}]))
    equal("it", [-1, errno.EPERM], calls(box, seccomp, GETPPID, large))
    equal("its lower half", [0, 0], calls(box, seccomp, GETPPID, large & 0xffffffff))


@case("linux.seccomp.names")
def unknown_name(box):
    """A call that this library has not heard of is left out."""
    equal("result", [-1, errno.EPERM], calls(box, profile(rule("SCMP_ACT_ERRNO", "no_such_call_yet", "getppid"))))


BAD = {
    "names_empty": ("linux.seccomp.names", profile(rule("SCMP_ACT_ERRNO"))),
    "action": ("linux.seccomp.unknown", profile(rule("SCMP_ACT_SHOUT", "getppid"))),
    "default_action": ("linux.seccomp.unknown", profile(default="SCMP_ACT_SHOUT")),
    "no_default_action": ("linux.seccomp.unknown", {"architectures": [ARCH], "syscalls": []}),
    "operator": ("linux.seccomp.unknown", profile(rule("SCMP_ACT_ERRNO", "getppid", args=[{"index": 0, "value": 1, "op": "SCMP_CMP_LIKE"}]))),
    "index": ("linux.seccomp.unknown", profile(rule("SCMP_ACT_ERRNO", "getppid", args=[{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]))),
    "arch": ("linux.seccomp.unknown", {**profile(), "architectures": ["SCMP_ARCH_ABACUS"]}),
    "flag": ("linux.seccomp.unknown", profile(rule("SCMP_ACT_ERRNO", "getppid"), flags=["SECCOMP_FILTER_FLAG_WISH"])),
    "errno_of_allow": ("linux.seccomp.errno-unsupported", profile(rule("SCMP_ACT_ALLOW", "getppid", errnoRet=5), default="SCMP_ACT_LOG")),
    "errno_of_kill": ("linux.seccomp.errno-unsupported", profile(rule("SCMP_ACT_KILL", "getppid", errnoRet=5))),
    "default_errno_of_allow": ("linux.seccomp.errno-unsupported", profile(rule("SCMP_ACT_ERRNO", "getppid"), defaultErrnoRet=5)),
    "metadata_alone": ("linux.seccomp.metadata-alone", profile(rule("SCMP_ACT_NOTIFY", "getppid"), listenerMetadata="x")),
    "notify_without_path": ("linux.seccomp.listener-error", profile(rule("SCMP_ACT_NOTIFY", "getppid"))),
    "listener_missing": ("linux.seccomp.listener-error", profile(rule("SCMP_ACT_NOTIFY", "getppid"), listenerPath="/no/such/socket")),
}
for name, (which, seccomp) in BAD.items():
    add(__name__, f"bad_{name}", [which, "config.invalid-value"],
        lambda box, seccomp=seccomp: box.refused(late=True, linux={"seccomp": seccomp}))


@case("linux.seccomp.flags")
def flags(box):
    seccomp = profile(rule("SCMP_ACT_ERRNO", "getppid"), flags=["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"])
    equal("result", [-1, errno.EPERM], calls(box, seccomp))
    said = box.sh("cat /proc/self/status", linux={"seccomp": seccomp})
    box.needs("Speculation_Store_Bypass" in said, "the kernel does not tell")
    check("no mitigation is forced", "force mitigated" not in said)


@case("linux.seccomp.flags")
def flag_tsync(box):
    seccomp = profile(rule("SCMP_ACT_ERRNO", "getppid"), flags=["SECCOMP_FILTER_FLAG_TSYNC"])
    equal("result", [-1, errno.EPERM], calls(box, seccomp))


@case("linux.seccomp.default-action", "config.process.no-new-privileges")
def without_no_new_privileges(box):
    """The filter holds also where the process may gain privileges, and for another user than root."""
    for uid in (0, 1000):
        said = box.says("/probe", "call", GETPPID, process={"noNewPrivileges": False, "user": {"uid": uid, "gid": uid}},
                        linux={"seccomp": profile(rule("SCMP_ACT_ERRNO", "getppid"))})
        equal(f"uid {uid}", f"-1 {errno.EPERM}", said)


@case("linux.seccomp.default-action", "cli.exec")
def of_exec(box):
    made = box.holding(linux={"seccomp": profile(rule("SCMP_ACT_ERRNO", "getppid"))})
    equal("result", f"-1 {errno.EPERM}", box.command("exec", made.id, "/probe", "call", GETPPID).must().out.strip())


# --- notifications ---

RECEIVE, SEND = 0xc0502100, 0xc0182101


class Supervisor(threading.Thread):
    """Takes one state with its filter and answers each call with EXDEV (struct seccomp_notif: id, pid, flags, data)."""

    def __init__(self, box):
        super().__init__(daemon=True)
        self.path = str(box.work / "listener")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(self.path)
        self.socket.listen(4)
        self.state, self.fds, self.connections = None, [], 0
        self.closed, self.closed_first = threading.Event(), None
        self.start()

    def run(self):
        while True:
            connection, _ = self.socket.accept()
            self.connections += 1
            threading.Thread(target=self.take, args=(connection,), daemon=True).start()

    def take(self, connection):
        text, first, fds = b"", True, array.array("i")
        while True:
            part, ancillary, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(64))
            for _, _, data in ancillary:
                fds.frombytes(data)
            check("descriptors come with the first bytes", first or not ancillary)
            if not part:
                break
            text, first = text + part, False
            if not self.whole(text):
                continue
            self.state, self.fds = json.loads(text), list(fds)
            threading.Thread(target=self.answer, args=(self.fds[0],), daemon=True).start()
        self.closed.set()

    @staticmethod
    def whole(text):
        try:
            return isinstance(json.loads(text), dict)
        except ValueError:
            return False

    def answer(self, fd):
        while True:
            asked = bytearray(80)
            try:
                fcntl.ioctl(fd, RECEIVE, asked)
                if self.closed_first is None:
                    self.closed_first = self.closed.wait(2)
                fcntl.ioctl(fd, SEND, struct.pack("=QqiI", struct.unpack_from("=Q", asked)[0], 0, -errno.EXDEV, 0))
            except OSError:
                return


@case("linux.seccomp.action.NOTIFY", "linux.seccomp.listener", "linux.seccomp.listener-fd", "linux.seccomp.metadata")
def notify(box):
    agent = Supervisor(box)
    seccomp = profile(rule("SCMP_ACT_NOTIFY", "getppid"), listenerPath=agent.path, listenerMetadata="A=b;\"c\"")
    made = box.container(args=["/probe", "call", GETPPID], linux={"seccomp": seccomp}, annotations={"a": "b"})
    equal("result", f"-1 {errno.EXDEV}", made.run().must().out.strip())
    if not agent.state:
        raise Failed("no state came")
    equal("fds", ["seccompFd"], agent.state["fds"])
    equal("descriptors", 1, len(agent.fds))
    equal("metadata", "A=b;\"c\"", agent.state["metadata"])
    check("a version", agent.state["ociVersion"].startswith("1."))
    check("the pid", agent.state["pid"] > 0)
    equal("id", made.id, agent.state["state"]["id"])
    equal("bundle", str(made.bundle), agent.state["state"]["bundle"])
    equal("annotations", {"a": "b"}, agent.state["state"]["annotations"])
    until(lambda: agent.connections == 1, "the container's filter has come")


@case("linux.seccomp.listener")
def notify_closed(box):
    """The connection ends with the state, not with the program."""
    agent = Supervisor(box)
    seccomp = profile(rule("SCMP_ACT_NOTIFY", "getppid"), listenerPath=agent.path)
    box.says("/probe", "call", GETPPID, linux={"seccomp": seccomp})
    check("it was closed before the first call was answered", agent.closed_first)


@case("linux.seccomp.listener-ignored")
def listener_ignored(box):
    seccomp = profile(rule("SCMP_ACT_ERRNO", "getppid"), listenerPath="/no/such/socket")
    equal("result", [-1, errno.EPERM], calls(box, seccomp))


@case("linux.seccomp.action.NOTIFY", "linux.seccomp.listener")
def notify_created(box):
    """The state comes no later than start, and the pid in it is the container's."""
    agent = Supervisor(box)
    made = box.container(args=["/probe", "wait"], linux={"seccomp": profile(rule("SCMP_ACT_NOTIFY", "getppid"), listenerPath=agent.path)})
    made.up().ready()
    until(lambda: agent.state, "the state is read; who could send it is gone")
    equal("pid", made.pid, agent.state["pid"])


@case("linux.seccomp.action.NOTIFY", "cli.exec")
def notify_exec(box):
    """exec's process has a filter of its own, and sends that too."""
    agent = Supervisor(box)
    made = box.holding(linux={"seccomp": profile(rule("SCMP_ACT_NOTIFY", "getppid"), listenerPath=agent.path)})
    equal("connections", 1, agent.connections)
    equal("result", f"-1 {errno.EXDEV}", box.command("exec", made.id, "/probe", "call", GETPPID).must().out.strip())
    equal("connections", 2, agent.connections)
