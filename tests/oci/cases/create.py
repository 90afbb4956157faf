# SPDX-License-Identifier: Apache-2.0
"""create: what it takes, what it makes, and that an error leaves nothing."""

import json
import os

from suite.box import check, equal
from suite.registry import add, case


@case("bundle.config-json", "runtime.create.created", "runtime.create.args-wait", "runtime.lifecycle.program-waits")
def program_waits(box):
    made = box.container(args=["/bin/touch", "/started"])
    made.create().must()
    equal("status", "created", made.status)
    check("the program has not run", not (made.root / "started").exists())
    made.delete("--force").must()


@case("bundle.no-config", "runtime.errors.no-trace")
def no_config(box):
    made = box.container()
    (made.bundle / "config.json").unlink()
    box.refused(container=made)


@case("runtime.create.needs-both")
def no_bundle(box):
    box.command("create", "--bundle", box.work / "none", "c").must_fail("there is no such bundle")


@case("runtime.create.needs-both")
def no_id(box):
    made = box.container()
    box.command("create", "--bundle", made.bundle).must_fail("no id was given")


@case("runtime.create.id-taken", "runtime.state.id-unique")
def id_taken(box):
    first = box.holding()
    box.command("create", "--bundle", first.bundle, first.id).must_fail("the id is taken")
    equal("status of the first", "running", first.status)
    first.stop().delete().must()


def id_invalid(bad, box):
    made = box.container()
    box.command("create", "--bundle", made.bundle, bad).must_fail(f"{bad!r} is no id")
    check("nothing is left of it", not [one for one in box.root.rglob("*.json")] if box.root.exists() else True)


for word, bad in {"slash": "a/b", "up": "..", "empty": "", "space": "a b", "newline": "a\nb"}.items():
    add(__name__, f"id_{word}", ["runtime.create.id-invalid"], lambda box, bad=bad: id_invalid(bad, box))


@case("runtime.lifecycle.config-frozen")
def config_frozen(box):
    made = box.container(args=["/bin/echo", "first"])
    made.create().must()
    made.config["process"]["args"] = ["/bin/echo", "second"]
    made.write()
    pid = made.pid
    made.start().must()
    os.waitpid(pid, 0)
    equal("what was said", "first", made.text.strip())


@case("runtime.lifecycle.environment", "runtime.create.applies")
def environment_is_there(box):
    """All but the program is there before start."""
    made = box.container(hostname="early", root={"readonly": True}, linux={"maskedPaths": ["/etc"]})
    made.create().must()
    namespace = {name: os.readlink(f"/proc/{made.pid}/ns/{name}") for name in ("uts", "mnt", "pid", "net", "ipc")}
    for name, link in namespace.items():
        check(f"a {name} namespace of its own", link != os.readlink(f"/proc/self/ns/{name}"))
    made.delete("--force").must()


@case("runtime.lifecycle.environment-error", "runtime.create.cannot-apply", "config.invalid-value")
def unknown_file_system(box):
    box.refused(mounts=[{"destination": "/data", "type": "nosuchfs", "source": "none"}])


@case("config.invalid-value", "runtime.errors.no-trace")
def wrong_type(box):
    box.refused(root={"readonly": "yes"})


@case("config.invalid-value")
def no_json(box):
    made = box.container()
    (made.bundle / "config.json").write_text("{")
    box.refused(container=made)


@case("config.unknown-property")
def unknown_properties(box):
    made = box.container(args=["/bin/true"], somethingNew={"a": [1]}, linux={"novel": True}, process={"later": "x"},
                         root={"shape": "round"})
    made.config["mounts"][0]["colour"] = "red"
    made.write()
    made.run().must()


@case("runtime.warnings.go-on", "config.capabilities.unknown")
def unknown_capability(box):
    capabilities = {kind: ["CAP_CHOWN", "CAP_NO_SUCH_THING"] for kind in ("bounding", "effective", "permitted")}
    made = box.container(args=["/bin/true"], process={"capabilities": capabilities})
    log = box.work / "log"
    done = made.run(more_options=["--log", log, "--log-format", "json"]).must()
    said = done.out + (log.read_text() if log.exists() else "")
    check(f"a warning names it: {said!r}", "CAP_NO_SUCH_THING" in said)


@case("config.root.required")
def no_root(box):
    box.refused(root=None)


@case("config.root.exists", "runtime.create.cannot-apply")
def root_missing(box):
    box.refused(root={"path": "nothing"})


@case("config.root.exists")
def root_is_file(box):
    made = box.container(root={"path": "file"})
    (made.bundle / "file").write_text("")
    box.refused(container=made)


@case("config.root.path")
def root_absolute(box):
    made = box.container(args=["/bin/true"])
    made.config["root"]["path"] = str(made.root)
    made.write()
    made.run().must()


@case("config.root.path")
def root_elsewhere(box):
    """Relative to the bundle, not to the working directory of the runtime."""
    made = box.container(args=["/bin/true"], root={"path": "other/root"})
    (made.bundle / "other").mkdir()
    made.root.rename(made.bundle / "other/root")
    made.run().must()


@case("config.root.readonly")
def root_readonly(box):
    said = box.sh("touch /new 2>&1; touch /bin/new 2>&1; touch /dev/shm/new && echo shm", root={"readonly": True})
    equal("touch", 2, said.count("Read-only file system"))
    check("other mounts can be written to", said.endswith("shm"))


@case("config.root.writable")
def root_writable(box):
    made = box.container(args=["/bin/touch", "/new"])
    made.run().must()
    check("the file is there", (made.root / "new").exists())


def version(text, accepted, box):
    if accepted:
        box.container(ociVersion=text, args=["/bin/true"]).run().must()
    else:
        box.refused(f"ociVersion {text!r}", ociVersion=text)


for word, (text, accepted) in {"1_0_0": ("1.0.0", True), "1_0_2_dev": ("1.0.2-dev", True), "1_2_0": ("1.2.0", True)}.items():
    add(__name__, f"version_{word}", ["config.version.supported"],
        lambda box, text=text, accepted=accepted: version(text, accepted, box))
for word, text in {"2": "2.0.0", "word": "newest", "part": "1.0", "empty": "", "major_only": "1", "number": 1}.items():
    rules = ["config.version.supported" if word == "2" else "config.version.semver", "config.invalid-value"]
    add(__name__, f"version_{word}_refused", rules, lambda box, text=text: version(text, False, box))


@case("config.version.semver")
def version_missing(box):
    box.refused(ociVersion=None)


@case("config.annotations.map", "config.annotations.strings", "config.annotations.unknown", "runtime.state.annotations")
def annotations(box):
    given = {"org.example.key": "value", "org.opencontainers.unheard.of": "x", "empty": ""}
    made = box.container(annotations=given)
    made.create().must()
    equal("annotations of the state", given, made.state()["annotations"])


@case("config.annotations.empty-key", "config.invalid-value")
def annotation_without_key(box):
    box.refused(annotations={"": "value"})


def annotation_value(value, box):
    box.refused(annotations={"key": value})


for word, value in {"number": 1, "list": ["a"], "null_object": {}}.items():
    add(__name__, f"annotation_{word}", ["config.annotations.strings", "config.invalid-value"],
        lambda box, value=value: annotation_value(value, box))


@case("config.annotations.map", "config.invalid-value")
def annotations_list(box):
    box.refused(annotations=["a"])


@case("cli.pid-file")
def pid_file(box):
    made = box.container()
    made.create().must()
    equal("pid", made.state()["pid"], int(made.pid_file.read_text().strip()))


@case("cli.log")
def log_json(box):
    made = box.container(root={"path": "nothing"})
    log = box.work / "log"
    made.create(more_options=["--log", log, "--log-format", "json"]).must_fail("there is no root")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    check("an error with a message", any(line["level"] == "error" and line["msg"] for line in lines))
