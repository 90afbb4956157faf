# SPDX-License-Identifier: Apache-2.0
"""process: words, environment, directory, user, capabilities, limits, scheduling."""

import os

from suite.box import check, equal
from suite.bundle import CAPABILITIES
from suite.registry import add, case

CAP = {"CAP_CHOWN": 0, "CAP_KILL": 5, "CAP_NET_BIND_SERVICE": 10, "CAP_SYS_CHROOT": 18, "CAP_AUDIT_WRITE": 29}


def status(seen, key):
    return next(line.split(":", 1)[1].split() for line in seen["status"].splitlines() if line.startswith(key + ":"))


def refused_process(box, **process):
    return box.refused(late=True, process=process)


# --- words, environment, directory ---

@case("config.process.args")
def words(box):
    equal("words", ["/probe", "see", "a b", "", "é"], [one.encode("latin-1").decode() if one else one for one in
                                                      box.see(args=["/probe", "see", "a b", "", "é"])["args"]])


@case("config.process.args")
def search_path(box):
    """The PATH of process.env, not the runtime's own."""
    made = box.container(args=["tool"], process={"env": ["PATH=/nowhere:/special"]})
    (made.root / "special").mkdir()
    (made.root / "probe").rename(made.root / "special/tool")
    equal("status", 2, made.run().status)


@case("config.process.args")
def relative_program(box):
    made = box.container(args=["./probe", "see"], process={"cwd": "/"})
    equal("cwd", "/", box.look(made)["cwd"])


@case("config.process.args", "runtime.create.cannot-apply")
def missing_program(box):
    box.refused(late=True, args=["/no/such/program"])


@case("config.process.args")
def not_executable(box):
    made = box.container(args=["/etc/plain"])
    (made.root / "etc/plain").write_text("#!/bin/sh\n")
    box.refused(late=True, container=made)


@case("config.process.args-empty", "config.invalid-value")
def no_words(box):
    box.refused(late=True, args=[])


@case("config.process.args-empty")
def words_missing(box):
    refused_process(box, args=None)


@case("config.process.env")
def environment(box):
    given = ["PATH=/bin", "EMPTY=", "WITH=a=b", "SPACE=a b"]
    seen = box.see(process={"env": given})
    check(f"env {seen['env']}", set(given) <= set(seen["env"]))
    check(f"nothing of the runtime's {seen['env']}", {one.split("=")[0] for one in seen["env"]} <= {"PATH", "EMPTY", "WITH", "SPACE", "HOME"})


@case("config.process.cwd")
def directory(box):
    equal("cwd", "/etc", box.see(process={"cwd": "/etc"})["cwd"])


@case("config.process.cwd")
def directory_made(box):
    equal("cwd", "/new/deep", box.see(process={"cwd": "/new/deep"})["cwd"])


@case("config.process.cwd-relative")
def directory_relative(box):
    refused_process(box, cwd="etc")


@case("config.process.cwd-relative")
def directory_empty(box):
    refused_process(box, cwd="")


# --- user ---

@case("config.user.ids")
def ids(box):
    seen = box.see(process={"user": {"uid": 1234, "gid": 5678}})
    equal("uid", [1234] * 3, seen["uid"])
    equal("gid", [5678] * 3, seen["gid"])
    equal("groups", set(), set(seen["groups"]) - {5678})


@case("config.user.groups")
def groups(box):
    seen = box.see(process={"user": {"uid": 1, "gid": 2, "additionalGids": [30, 40000]}})
    equal("groups", {30, 40000}, set(seen["groups"]) - {2})


@case("config.user.umask")
def umask(box):
    equal("umask", 0o027, box.see(process={"user": {"uid": 0, "gid": 0, "umask": 0o027}})["umask"])


@case("config.user.umask-unset")
def umask_unset(box):
    os.umask(0o022)
    equal("umask", 0o022, box.see()["umask"])


def no_id(user, box):
    refused_process(box, user=user)


for word, user in {"negative": {"uid": -1, "gid": 0}, "too_large": {"uid": 1 << 32, "gid": 0}, "name": {"uid": "root", "gid": 0},
                   "minus_one": {"uid": 0xffffffff, "gid": 0}, "gid_too_large": {"uid": 0, "gid": 1 << 32},
                   "group": {"uid": 0, "gid": 0, "additionalGids": [1 << 40]}}.items():
    add(__name__, f"user_{word}", ["config.user.invalid", "config.invalid-value"], lambda box, user=user: no_id(user, box))


# --- capabilities ---

@case("config.capabilities.sets")
def capabilities(box):
    sets = {"bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_SYS_CHROOT"], "permitted": ["CAP_CHOWN", "CAP_KILL"],
            "effective": ["CAP_KILL"], "inheritable": [], "ambient": []}
    seen = box.see(process={"user": {"uid": 0, "gid": 0}, "capabilities": sets, "noNewPrivileges": False})
    mask = {key: int(status(seen, key)[0], 16) for key in ("CapBnd", "CapInh", "CapAmb", "CapPrm")}
    equal("bounding", sum(1 << CAP[name] for name in sets["bounding"]), mask["CapBnd"])
    equal("inheritable", 0, mask["CapInh"])
    equal("ambient", 0, mask["CapAmb"])
    # execve(2) gives root what the bounding set allows.
    equal("permitted", mask["CapBnd"], mask["CapPrm"])


@case("config.capabilities.sets")
def capabilities_ambient(box):
    sets = {kind: ["CAP_NET_BIND_SERVICE"] for kind in ("bounding", "permitted", "effective", "inheritable", "ambient")}
    seen = box.see(process={"user": {"uid": 1000, "gid": 1000}, "capabilities": sets})
    for key in ("CapBnd", "CapPrm", "CapEff", "CapInh", "CapAmb"):
        equal(key, 1 << 10, int(status(seen, key)[0], 16))


@case("config.capabilities.sets")
def capabilities_of_user(box):
    """Without ambient ones execve(2) takes them all from another user than root."""
    seen = box.see(process={"user": {"uid": 1000, "gid": 1000}})
    equal("effective", 0, int(status(seen, "CapEff")[0], 16))
    check("bounding", int(status(seen, "CapBnd")[0], 16) != 0)


@case("config.capabilities.sets")
def capabilities_none(box):
    seen = box.see(process={"capabilities": {kind: [] for kind in ("bounding", "permitted", "effective")}})
    equal("bounding", 0, int(status(seen, "CapBnd")[0], 16))
    equal("permitted", 0, int(status(seen, "CapPrm")[0], 16))


@case("config.capabilities.sets")
def capabilities_left_out(box):
    seen = box.see(process={"capabilities": None})
    equal("permitted", 0, int(status(seen, "CapPrm")[0], 16))


@case("config.process.no-new-privileges")
def no_new_privileges(box):
    for value in (True, False):
        equal("NoNewPrivs", [str(int(value))], status(box.see(process={"noNewPrivileges": value}), "NoNewPrivs"))


# --- limits ---

@case("config.rlimits.values")
def limits(box):
    values = {"RLIMIT_NOFILE": (200, 300), "RLIMIT_CORE": (0, 0), "RLIMIT_STACK": (1 << 20, 1 << 21), "RLIMIT_NPROC": (100, 101),
              "RLIMIT_CPU": (1000, 2000), "RLIMIT_FSIZE": (1 << 30, 1 << 30), "RLIMIT_MSGQUEUE": (1000, 2000)}
    seen = box.see(process={"rlimits": [{"type": name, "soft": soft, "hard": hard} for name, (soft, hard) in values.items()]})
    equal("limits", {name: list(pair) for name, pair in values.items()},
          {name: seen["rlimits"][name] for name in values})


def one_limit(name, box):
    seen = box.see(process={"rlimits": [{"type": name, "soft": 0, "hard": 0}]})
    equal(name, [0, 0], seen["rlimits"][name])


for name in ("LOCKS", "SIGPENDING", "RTTIME", "NICE", "RTPRIO", "RSS"):
    add(__name__, f"limit_{name.lower()}", ["config.rlimits.values"], lambda box, name=f"RLIMIT_{name}": one_limit(name, box))


@case("config.rlimits.unknown", "config.invalid-value")
def limit_unknown(box):
    refused_process(box, rlimits=[{"type": "RLIMIT_PATIENCE", "soft": 1, "hard": 1}])


@case("config.rlimits.twice")
def limit_twice(box):
    refused_process(box, rlimits=[{"type": "RLIMIT_NOFILE", "soft": n, "hard": n} for n in (100, 200)])


@case("config.rlimits.values", "runtime.create.cannot-apply")
def limit_soft_above_hard(box):
    refused_process(box, rlimits=[{"type": "RLIMIT_NOFILE", "soft": 300, "hard": 200}])


# --- oom, scheduling, labels ---

@case("config.process.oom-set")
def oom_score(box):
    equal("oom_score_adj", "321", box.see(process={"oomScoreAdj": 321})["oom_score_adj"].strip())


@case("config.process.oom-unset")
def oom_score_unset(box):
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("123")
    equal("oom_score_adj", "123", box.see()["oom_score_adj"].strip())


@case("config.process.oom-set", "config.invalid-value")
def oom_score_invalid(box):
    refused_process(box, oomScoreAdj=5000)


POLICIES = {"SCHED_OTHER": 0, "SCHED_BATCH": 3, "SCHED_IDLE": 5, "SCHED_FIFO": 1, "SCHED_RR": 2}


def real_time(box):
    """Whether this machine lets anyone be real-time: cgroup v1's cpu controller may not."""
    try:
        pid = os.fork()
        if pid == 0:
            try:
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
                os._exit(0)
            except OSError:
                os._exit(1)
        return os.waitpid(pid, 0)[1] == 0
    except OSError:
        return False


def policy(name, number, box):
    if name in ("SCHED_FIFO", "SCHED_RR"):
        box.needs(real_time(box), "no real-time scheduling in this machine")
        seen = box.see(process={"scheduler": {"policy": name, "priority": 7, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}})
        equal("priority", 7, seen["priority"])
        equal("flags", 1, seen["sched_flags"] & 1)
    else:
        seen = box.see(process={"scheduler": {"policy": name, "nice": 11}})
        equal("nice", 11, seen["nice"])
    equal("policy", number, seen["policy"])


for name, number in POLICIES.items():
    add(__name__, f"scheduler_{name[6:].lower()}", ["config.scheduler.policy"],
        lambda box, name=name, number=number: policy(name, number, box))


@case("config.scheduler.policy")
def scheduler_defaults(box):
    os.nice(3)
    equal("nice", 0, box.see(process={"scheduler": {"policy": "SCHED_OTHER"}})["nice"])


@case("config.scheduler.deadline")
def scheduler_deadline(box):
    box.needs(real_time(box), "no real-time scheduling in this machine")
    times = {"runtime": 10_000_000, "deadline": 30_000_000, "period": 40_000_000}
    seen = box.see(process={"scheduler": {"policy": "SCHED_DEADLINE", **times}})
    equal("policy", 6, seen["policy"])
    equal("times", list(times.values()), seen["sched_times"])


def bad_scheduler(scheduler, box):
    refused_process(box, scheduler=scheduler)


for word, scheduler in {"policy": {"policy": "SCHED_WHENEVER"}, "flag": {"policy": "SCHED_OTHER", "flags": ["SCHED_FLAG_WHATEVER"]},
                        "no_policy": {"nice": 3}, "priority": {"policy": "SCHED_FIFO", "priority": 1000},
                        "iso": {"policy": "SCHED_ISO"}}.items():
    add(__name__, f"scheduler_bad_{word}", ["config.scheduler.invalid", "config.invalid-value"],
        lambda box, scheduler=scheduler: bad_scheduler(scheduler, box))


@case("config.process.io-priority")
def io_priority(box):
    for name, number in (("IOPRIO_CLASS_BE", 2), ("IOPRIO_CLASS_IDLE", 3), ("IOPRIO_CLASS_RT", 1)):
        equal(name, number << 13 | 5, box.see(process={"ioPriority": {"class": name, "priority": 5}})["ioprio"])


for word, value in {"class": {"class": "IOPRIO_CLASS_MAGIC", "priority": 1}, "priority": {"class": "IOPRIO_CLASS_BE", "priority": 8}}.items():
    add(__name__, f"io_priority_bad_{word}", ["config.process.io-priority-invalid", "config.invalid-value"],
        lambda box, value=value: refused_process(box, ioPriority=value))


@case("config.process.apparmor")
def apparmor(box):
    """Where the kernel has it off, a profile cannot be applied."""
    if os.path.exists("/sys/kernel/security/apparmor"):
        equal("profile", "unconfined", box.sh("cat /proc/self/attr/current", process={"apparmorProfile": "unconfined"}).split()[0])
    else:
        refused_process(box, apparmorProfile="podsd-no-such-profile")


@case("config.process.selinux", "linux.mount-label")
def selinux(box):
    box.needs(os.path.exists("/sys/fs/selinux/enforce"), "no SELinux in this kernel")
    label = "system_u:object_r:container_file_t:s0:c1,c2"
    seen = box.see(linux={"mountLabel": label})
    check("the mounts have it", label in seen["mountinfo"])


@case("config.capabilities.sets", "config.process.no-new-privileges")
def default_capabilities(box):
    equal("bounding", len(CAPABILITIES), bin(int(status(box.see(), "CapBnd")[0], 16)).count("1"))
