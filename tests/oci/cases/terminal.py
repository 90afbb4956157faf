# SPDX-License-Identifier: Apache-2.0
"""Terminals and the socket that gets them."""

import array
import os
import socket

from suite.box import check, equal, until
from suite.registry import Failed, case


class Console:
    """Listens where the runtime sends a terminal."""

    def __init__(self, box):
        self.path = str(box.work / "console")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(self.path)
        self.socket.listen(1)
        self.socket.settimeout(20)

    def terminal(self):
        connection, _ = self.socket.accept()
        _, ancillary, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(64))
        fds = array.array("i")
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds.frombytes(data[:len(data) - len(data) % fds.itemsize])
        if len(fds) != 1:
            raise Failed(f"{len(fds)} descriptors came")
        return fds[0]


def read_all(terminal):
    text = b""
    try:
        while part := os.read(terminal, 65536):
            text += part
    except OSError:  # EIO: nobody has the other side open any more
        pass
    return text.decode(errors="replace").replace("\r\n", "\n")


def with_terminal(box, **changes):
    process = {"terminal": True, **changes.pop("process", {})}
    made = box.container(process=process, **changes)
    console = Console(box)
    made.create("--console-socket", console.path).must()
    terminal = console.terminal()
    made.start().must()
    return made, terminal


def look(box, **changes):
    import json
    _, terminal = with_terminal(box, **changes)
    text = read_all(terminal)
    return json.loads(text[text.index("{\n"):])


@case("config.process.terminal", "cli.console-socket")
def terminal(box):
    seen = look(box)
    equal("isatty", [1, 1, 1], seen["tty"])
    equal("a controlling terminal", 1, seen["controlling"])
    equal("the fds", [0, 1, 2], sorted(seen["fds"]))


@case("config.process.terminal")
def no_terminal(box):
    seen = box.see()
    equal("isatty", [0, 0, 0], seen["tty"])
    equal("a controlling terminal", 0, seen["controlling"])


@case("config.process.console-size")
def size(box):
    equal("size", [17, 61], look(box, process={"consoleSize": {"height": 17, "width": 61}})["size"])


@case("config.process.console-size")
def size_without_terminal(box):
    box.container(args=["/bin/true"], process={"consoleSize": {"height": 17, "width": 61}}).run().must()


@case("linux.devices.console")
def console_device(box):
    """/dev/console is the same terminal as stdin."""
    made, fd = with_terminal(box, args=["/bin/sh", "-c", "stat -c %t:%T /dev/console; stat -L -c %t:%T /proc/self/fd/0; echo hi >/dev/console"])
    said = read_all(fd).split()
    check(f"said {said}", len(said) == 3 and said[0] == said[1] and said[2] == "hi")
    made.delete("--force")


@case("config.process.terminal", "config.user.ids")
def terminal_of_user(box):
    """It can be opened again by the user of the process."""
    made, fd = with_terminal(box, args=["/bin/sh", "-c", "echo opened >/proc/self/fd/0; stat -L -c %u /proc/self/fd/0"],
                             process={"user": {"uid": 1000, "gid": 1000}})
    equal("said", ["opened", "1000"], read_all(fd).split())
    made.delete("--force")


@case("config.process.terminal")
def terminal_is_read(box):
    made, fd = with_terminal(box, args=["/bin/sh", "-c", "read line; echo got $line"])
    os.write(fd, b"word\n")
    check("it answers", "got word" in read_all(fd))
    made.delete("--force")


@case("cli.console-errors", "runtime.create.cannot-apply")
def terminal_for_nobody(box):
    box.refused(process={"terminal": True})


@case("cli.console-errors")
def socket_without_terminal(box):
    console = Console(box)
    made = box.container()
    made.create("--console-socket", console.path).must_fail("there is no terminal to send")


@case("cli.console-errors", "runtime.errors.no-trace")
def socket_missing(box):
    made = box.container(process={"terminal": True})
    made.create("--console-socket", box.work / "nothing").must_fail("nobody listens")
    equal("state", None, made.state())


@case("cli.exec", "cli.console-socket")
def exec_terminal(box):
    made = box.holding()
    console = Console(box)
    box.command("exec", "--tty", "--detach", "--console-socket", console.path, made.id, "/bin/sh", "-c",
                "test -t 0 && echo terminal").must()
    fd = console.terminal()
    check("it has a terminal", "terminal" in read_all(fd))


@case("runtime.kill.stopped")
def hung_up(box):
    """When nobody holds the terminal any more the program is told."""
    made, fd = with_terminal(box, args=["/probe", "wait"])
    # Before it waits for signals the init of a pid namespace does not get them.
    text = b""
    while b"ready" not in text:
        text += os.read(fd, 100)
    os.close(fd)
    until(lambda: made.status == "stopped", "SIGHUP ends it")
