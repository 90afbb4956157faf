# SPDX-License-Identifier: Apache-2.0
"""mounts: order, destinations, sources, and every option string."""

import os

from suite.box import check, equal
from suite.bundle import mount
from suite.machine import libc, system
from suite.registry import Failed, add, case

TREE = "/data"


def lines(seen, path):
    """The mounts at path, as dicts, in the order in which they were made."""
    found = []
    for line in seen["mountinfo"].splitlines():
        left, _, right = line.partition(" - ")
        words, rest = left.split(), right.split()
        if words[4] == path:
            found.append({"options": words[5].split(","), "tags": words[6:], "type": rest[0], "source": rest[1],
                          "super": rest[2].split(",")})
    return found


def only(seen, path):
    found = lines(seen, path)
    if not found:
        raise Failed(f"nothing is mounted at {path}")
    return found[-1]


def folder(box, name="outside"):
    path = box.work / name
    path.mkdir()
    (path / "file").write_text("outside\n")
    return path


def tmpfs(path, flags=0, data=""):
    """A tmpfs on a new directory."""
    path.mkdir(exist_ok=True)
    system(libc.mount(b"tmpfs", str(path).encode(), b"tmpfs", flags, data.encode()), f"mount {path}")
    return path


def tree(box):
    """A tmpfs with another one below it, to be bound."""
    top = tmpfs(box.work / "tree")
    tmpfs(top / "below")
    return top


# --- options that the kernel shows in mountinfo ---

# option: what must be shown at a tmpfs that is mounted with it after those of BEFORE
SHOWN = {"ro": "ro", "nosuid": "nosuid", "nodev": "nodev", "noexec": "noexec", "noatime": "noatime", "nodiratime": "nodiratime",
         "relatime": "relatime", "nosymfollow": "nosymfollow"}
# option: the one that it undoes, and what must not be shown then
UNDONE = {"rw": "ro", "suid": "nosuid", "dev": "nodev", "exec": "noexec", "atime": "noatime", "diratime": "nodiratime",
          "symfollow": "nosymfollow"}


def shown(option, word, box):
    entry = only(box.see(mounts=[mount(TREE, "tmpfs", "tmpfs", option)]), TREE)
    check(f"{option} gives {entry['options']}", word in entry["options"])


def undone(option, first, box):
    entry = only(box.see(mounts=[mount(TREE, "tmpfs", "tmpfs", first, option)]), TREE)
    check(f"{first},{option} gives {entry['options']}", first not in entry["options"])


def bound(option, word, box):
    """The same on a bind mount, where mount(2) needs a second call."""
    entry = only(box.see(mounts=[mount(TREE, "none", str(folder(box)), "bind", option)]), TREE)
    check(f"bind,{option} gives {entry['options']}", word in entry["options"])


for option, word in SHOWN.items():
    add(__name__, f"option_{option}", [f"config.mounts.option.{option}"],
        lambda box, option=option, word=word: shown(option, word, box))
    add(__name__, f"option_{option}_bound", [f"config.mounts.option.{option}", "config.mounts.option.bind"],
        lambda box, option=option, word=word: bound(option, word, box))
for option, first in UNDONE.items():
    add(__name__, f"option_{option}", [f"config.mounts.option.{option}"],
        lambda box, option=option, first=first: undone(option, first, box))


def superblock(option, word, box):
    entry = only(box.see(mounts=[mount(TREE, "tmpfs", "tmpfs", option)]), TREE)
    check(f"{option} gives {entry['super']}", word in entry["super"] + entry["options"])


for option, word in {"sync": "sync", "dirsync": "dirsync", "lazytime": "lazytime"}.items():
    add(__name__, f"option_{option}", [f"config.mounts.option.{option}"],
        lambda box, option=option, word=word: superblock(option, word, box))


def not_superblock(option, first, box):
    entry = only(box.see(mounts=[mount(TREE, "tmpfs", "tmpfs", first, option)]), TREE)
    check(f"{first},{option} gives {entry['super']}", first not in entry["super"])


for option, first in {"async": "sync", "nolazytime": "lazytime"}.items():
    add(__name__, f"option_{option}", [f"config.mounts.option.{option}"],
        lambda box, option=option, first=first: not_superblock(option, first, box))


def no_relatime(options, box):
    """strictatime: neither noatime nor relatime is shown."""
    entry = only(box.see(mounts=[mount(TREE, "tmpfs", "tmpfs", *options)]), TREE)
    check(f"{options} gives {entry['options']}", not {"noatime", "relatime"} & set(entry["options"]))


add(__name__, "option_strictatime", ["config.mounts.option.strictatime"], lambda box: no_relatime(["strictatime"], box))


def taken(option, box):
    """Nothing that can be seen on a tmpfs, but the mount is there, and the option went to no file system."""
    only(box.see(mounts=[mount(TREE, "tmpfs", "tmpfs", option)]), TREE)


for option in ("defaults", "iversion", "noiversion", "silent", "loud", "norelatime", "nostrictatime", "mand", "nomand"):
    add(__name__, f"option_{option}", [f"config.mounts.option.{option}"], lambda box, option=option: taken(option, box))


# --- bind mounts ---

@case("config.mounts.option.bind", "config.mounts.source")
def bind_absolute(box):
    equal("the file", "outside", box.says("/bin/cat", "/data/file", mounts=[mount(TREE, "none", str(folder(box)), "bind")]))


@case("config.mounts.source")
def bind_relative(box):
    made = box.container(args=["/bin/cat", "/data/file"], mounts=[mount(TREE, "none", "shared", "bind")])
    (made.bundle / "shared").mkdir()
    (made.bundle / "shared/file").write_text("of the bundle")
    equal("the file", "of the bundle", made.run().must().out)


@case("config.mounts.option.bind", "runtime.create.applies")
def bind_file(box):
    """On a file that is not there yet, in a directory that is not there either."""
    source = folder(box) / "file"
    equal("the file", "outside", box.says("/bin/cat", "/new/place", mounts=[mount("/new/place", "none", str(source), "bind")]))


@case("config.mounts.option.bind")
def bind_is_flat(box):
    seen = box.see(mounts=[mount(TREE, "none", str(tree(box)), "bind")])
    equal("mounts below", [], lines(seen, "/data/below"))


@case("config.mounts.option.rbind")
def rbind_is_deep(box):
    only(box.see(mounts=[mount(TREE, "none", str(tree(box)), "rbind")]), "/data/below")


@case("config.mounts.option.rbind", "config.mounts.option.ro")
def rbind_ro_is_flat(box):
    """Only the top one is read-only; rro is for all."""
    seen = box.see(mounts=[mount(TREE, "none", str(tree(box)), "rbind", "ro")])
    check("the top one", "ro" in only(seen, TREE)["options"])
    check("the one below", "rw" in only(seen, "/data/below")["options"])


@case("runtime.create.cannot-apply")
def bind_missing(box):
    box.refused(mounts=[mount(TREE, "none", str(box.work / "nothing"), "bind")])


@case("config.mounts.option.remount")
def remount(box):
    entry = only(box.see(mounts=[mount(TREE, "tmpfs", "tmpfs", "rw"), mount(TREE, "tmpfs", "tmpfs", "remount", "ro")]), TREE)
    check(f"the options: {entry}", "ro" in entry["options"])


# --- the recursive ones: at the top and below ---

RECURSIVE = {"rro": "ro", "rnosuid": "nosuid", "rnodev": "nodev", "rnoexec": "noexec", "rnoatime": "noatime",
             "rnodiratime": "nodiratime", "rnosymfollow": "nosymfollow", "rrelatime": "relatime"}
MS = {"ro": 1, "nosuid": 2, "nodev": 4, "noexec": 8, "nosymfollow": 256, "noatime": 1024, "nodiratime": 2048,
      "relatime": 1 << 21, "strictatime": 1 << 24}
CLEARED = {"rrw": "ro", "rsuid": "nosuid", "rdev": "nodev", "rexec": "noexec", "ratime": "noatime", "rdiratime": "nodiratime",
           "rsymfollow": "nosymfollow", "rstrictatime": "relatime", "rnorelatime": "relatime"}


def recursive(option, word, box):
    seen = box.see(mounts=[mount(TREE, "none", str(tree(box)), "rbind", option)])
    for path in (TREE, "/data/below"):
        check(f"{option} at {path}", word in only(seen, path)["options"])


def cleared(option, word, box):
    top = tmpfs(box.work / "tree")
    tmpfs(top / "below", MS[word])
    # Not read-only before there is a directory in it.
    system(libc.mount(b"", str(top).encode(), b"", 32 | 4096 | MS[word], None), "remount")
    seen = box.see(mounts=[mount(TREE, "none", str(top), "rbind", option)])
    for path in (TREE, "/data/below"):
        check(f"{option} at {path}", word not in only(seen, path)["options"])


for option, word in RECURSIVE.items():
    add(__name__, f"option_{option}", [f"config.mounts.option.{option}"],
        lambda box, option=option, word=word: recursive(option, word, box))
for option, word in CLEARED.items():
    add(__name__, f"option_{option}", [f"config.mounts.option.{option}"],
        lambda box, option=option, word=word: cleared(option, word, box))


@case("config.mounts.option.rnostrictatime")
def option_rnostrictatime(box):
    top = tmpfs(box.work / "tree", MS["strictatime"])
    entry = only(box.see(mounts=[mount(TREE, "none", str(top), "rbind", "rnostrictatime")]), TREE)
    check(f"{entry['options']}", "relatime" in entry["options"])


# --- propagation ---

PROPAGATION = {"shared": "shared:", "rshared": "shared:", "slave": "master:", "rslave": "master:", "private": "", "rprivate": "",
               "unbindable": "unbindable", "runbindable": "unbindable"}


def propagates(option, tag, box):
    top = tree(box)
    system(libc.mount(b"", str(top).encode(), b"", 0x4000 | 1 << 20, None), "make shared")
    seen = box.see(mounts=[mount(TREE, "none", str(top), "rbind", option)])
    for path in (TREE, "/data/below") if option.startswith("r") else (TREE,):
        tags = only(seen, path)["tags"]
        check(f"{option} at {path}: {tags}", any(one.startswith(tag) for one in tags) if tag else tags == [])


for option, tag in PROPAGATION.items():
    add(__name__, f"option_{option}", [f"config.mounts.option.{option}"],
        lambda box, option=option, tag=tag: propagates(option, tag, box))


# --- the rest ---

@case("config.mounts.order")
def order(box):
    """The second one covers what the first one shows; the third is inside the second."""
    (first := folder(box, "first")).joinpath("file").write_text("first")
    (second := folder(box, "second")).joinpath("file").write_text("second")
    said = box.sh("cat /data/file; ls /data", mounts=[mount(TREE, "none", str(first), "bind"),
                                                     mount(TREE, "none", str(second), "bind"),
                                                     mount("/data/inner", "tmpfs", "tmpfs")])
    equal("said", ["secondfile", "inner"], said.split())


@case("config.mounts.destination")
def no_destination(box):
    made = box.container(mounts=[{"type": "tmpfs", "source": "tmpfs"}])
    box.refused(container=made)


@case("config.mounts.relative")
def relative_destination(box):
    only(box.see(mounts=[mount("data/deep", "tmpfs", "tmpfs")]), "/data/deep")


@case("config.mounts.data")
def data(box):
    entry = only(box.see(mounts=[mount(TREE, "tmpfs", "tmpfs", "size=64k", "mode=701", "nr_inodes=100")]), TREE)
    check(f"{entry['super']}", {"size=64k", "mode=701", "nr_inodes=100"} <= set(entry["super"]))


@case("config.mounts.bad-data", "runtime.create.cannot-apply")
def bad_data(box):
    box.refused(mounts=[mount(TREE, "tmpfs", "tmpfs", "nosuchoption=1")])


@case("config.mounts.option.tmpcopyup")
def option_tmpcopyup(box):
    made = box.container(args=["/bin/cat", "/data/deep/file"], mounts=[mount(TREE, "tmpfs", "tmpfs", "tmpcopyup")])
    (made.root / "data/deep").mkdir()
    (made.root / "data/deep/file").write_text("copied")
    equal("the file", "copied", made.run().must().out)


@case("config.mounts.destination", "runtime.errors.no-trace")
def destination_is_link(box):
    """A link in the root leads nowhere but inside."""
    made = box.container(args=["/bin/cat", "/etc/inside/file"], mounts=[mount("/way/inside", "none", str(folder(box)), "bind")])
    (made.root / "way").symlink_to("../../../../etc")
    before = sorted(os.listdir("/etc"))
    equal("the file", "outside", made.run().must().out.strip())
    equal("the host's /etc", before, sorted(os.listdir("/etc")))


# --- id mappings ---

MAPPING = [{"containerID": 0, "hostID": 100000, "size": 1000}]


def owner_below(box, mounts, **changes):
    """Who owns /data/file, which the host's root owns."""
    made = box.container(args=["/bin/stat", "-c", "%u:%g", "/data/file"], mounts=mounts, **changes)
    for path in (box.work, made.bundle, made.root):
        path.chmod(0o755)
    return made.run().must().out.strip()


def idmaps(box):
    """tmpfs can be mapped from Linux 6.3 on."""
    major, minor = map(int, os.uname().release.split(".")[:2])
    return (major, minor) >= (6, 3)


def mapped(option, box):
    box.needs(idmaps(box), "tmpfs takes id mappings from Linux 6.3 on")
    kind = "rbind" if option == "ridmap" else "bind"
    entry = mount(TREE, "none", str(folder(box)), kind, option, uidMappings=MAPPING, gidMappings=MAPPING)
    equal("owner", "100000:100000", owner_below(box, [entry]))


for option in ("idmap", "ridmap"):
    add(__name__, f"option_{option}", [f"config.mounts.option.{option}"], lambda box, option=option: mapped(option, box))


@case("config.mounts.option.ridmap")
def ridmap_is_deep(box):
    box.needs(idmaps(box), "tmpfs takes id mappings from Linux 6.3 on")
    entry = mount(TREE, "none", str(tree(box)), "rbind", "ridmap", uidMappings=MAPPING, gidMappings=MAPPING)
    equal("owner", "100000", box.says("/bin/stat", "-c", "%u", "/data/below", mounts=[entry]))


@case("config.mounts.option.idmap")
def idmap_of_container(box):
    """Without a mapping of its own the mount takes that of the user namespace."""
    box.needs(idmaps(box), "tmpfs takes id mappings from Linux 6.3 on")
    from namespaces import USER
    equal("owner", "0:0", owner_below(box, [mount(TREE, "none", str(folder(box)), "bind", "idmap")], linux=USER))


@case("config.mounts.idmap-none")
def idmap_without_any(box):
    box.refused(mounts=[mount(TREE, "none", str(folder(box)), "bind", "idmap")])


def one_mapping(name, box):
    box.refused(mounts=[mount(TREE, "none", str(folder(box)), "bind", "idmap", **{name: MAPPING})])


for name in ("uidMappings", "gidMappings"):
    add(__name__, f"idmap_only_{name[:3]}", ["config.mounts.idmap-both"], lambda box, name=name: one_mapping(name, box))
