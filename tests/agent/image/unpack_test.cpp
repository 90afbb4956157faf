// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <boost/test/unit_test.hpp>

#include "tests/agent/image/layout.hpp"
#include "tests/agent/image/memory_reader.hpp"

using namespace podsd::test;
namespace fs = std::filesystem;

namespace {

struct Fixture : Scratch {
  fs::path root = path / "root";

  void unpack(const std::vector<Entry>& entries) {
    const std::string error = unpack_error(tar(entries), root);
    BOOST_REQUIRE_MESSAGE(error.empty(), error);
  }
  struct stat look(const char* name) const {
    struct stat st {};
    BOOST_REQUIRE_MESSAGE(::lstat((root / name).c_str(), &st) == 0, "missing: " << name);
    return st;
  }
  bool whiteout(const char* name) const {
    const auto st = look(name);
    return S_ISCHR(st.st_mode) && st.st_rdev == 0;
  }
  std::string xattr(const char* name, const char* key) const {
    char value[64];
    const ssize_t size = ::lgetxattr((root / name).c_str(), key, value, sizeof value);
    return size < 0 ? "none" : std::string(value, static_cast<std::size_t>(size));
  }
  bool opaque(const char* name) const { return xattr(name, "trusted.overlay.opaque") == "y"; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(unpack, Fixture)

BOOST_AUTO_TEST_CASE(metadata_is_kept) {
  Entry su = file("bin/su", "elf");
  su.mode = 04755;
  su.uid = 12;
  su.gid = 34;
  Entry sticky = folder("tmp", 01777);
  Entry link = symbolic_link("link", "/nowhere");
  link.uid = 56;
  unpack({folder("bin", 0750), su, sticky, file("tmp/x"), link, {.name = "pipe", .type = '6', .mode = 0622}});
  BOOST_TEST((look("bin/su").st_mode & 07777) == 04755u);
  BOOST_TEST((look("bin/su").st_uid == 12u && look("bin/su").st_gid == 34u));
  BOOST_TEST(look("bin/su").st_mtime == 1'000'000'000);
  BOOST_TEST((look("bin").st_mode & 07777) == 0750u);
  BOOST_TEST((look("tmp").st_mode & 07777) == 01777u);
  BOOST_TEST(look("tmp").st_mtime == 1'000'000'000);
  BOOST_TEST((look("link").st_uid == 56u && look("link").st_mtime == 1'000'000'000));
  BOOST_TEST(fs::read_symlink(root / "link") == "/nowhere");
  BOOST_TEST((S_ISFIFO(look("pipe").st_mode) && (look("pipe").st_mode & 07777) == 0622u));
}

BOOST_AUTO_TEST_CASE(xattrs_that_mean_something_are_kept) {
  const std::string caps("\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
                         20);
  Entry ping = file("ping");
  ping.uid = 5;
  ping.pax = {{"SCHILY.xattr.user.note", "hello"},
              {"SCHILY.xattr.security.capability", caps},
              {"SCHILY.xattr.trusted.overlay.redirect", "/etc"},
              {"SCHILY.xattr.trusted.other", "x"},
              {"SCHILY.xattr.user.overlay.opaque", "y"},
              {"SCHILY.xattr.security.selinux", "label"}};
  Entry dir = folder("dir");
  dir.pax = {{"SCHILY.xattr.user.note", "there"}, {"SCHILY.xattr.trusted.overlay.opaque", "y"}};
  unpack({ping, dir});
  BOOST_TEST(xattr("ping", "user.note") == "hello");
  BOOST_TEST(xattr("ping", "security.capability") == caps);
  BOOST_TEST(xattr("ping", "trusted.overlay.redirect") == "none");
  BOOST_TEST(xattr("ping", "trusted.other") == "none");
  BOOST_TEST(xattr("ping", "user.overlay.opaque") == "none");
  BOOST_TEST(xattr("ping", "security.selinux") == "none");
  BOOST_TEST(xattr("dir", "user.note") == "there");
  BOOST_TEST(!opaque("dir"));
}

BOOST_AUTO_TEST_CASE(long_and_foreign_names_keep_their_bytes) {
  const std::string deep = std::string(120, 'd') + "/" + std::string(200, 'f');
  const std::string decomposed = "e\xcc\x81";  // é in two code points
  std::vector<Entry> entries{file("x"), file("y"), file("z"), file("latin-\xe9"), file("back\\slash\nline")};
  entries[0].pax = {{"path", deep}};
  entries[1].pax = {{"path", decomposed}};
  entries[2].pax = {{"path", "bad-\xff"}, {"uid", "3000000000"}, {"mtime", "1234567890.5"}};
  unpack(entries);
  for (const auto& name : {deep, decomposed, std::string("bad-\xff"), std::string("latin-\xe9")})
    look(name.c_str());
  look("back\\slash\nline");
  BOOST_TEST(look("bad-\xff").st_uid == 3'000'000'000u);
  BOOST_TEST(look("bad-\xff").st_mtim.tv_nsec == 500'000'000);
}

BOOST_AUTO_TEST_CASE(hard_links_share_an_inode) {
  unpack({file("a/b", "x"), hardlink("c", "a/b"), hardlink("d", "/a/b"), hardlink("e", "./c"),
          symbolic_link("s", "c"), hardlink("t", "s")});
  BOOST_TEST(look("a/b").st_nlink == 4u);
  BOOST_TEST(look("e").st_ino == look("a/b").st_ino);
  BOOST_TEST(S_ISLNK(look("t").st_mode));
}

BOOST_AUTO_TEST_CASE(holes_stay_holes) {
  Entry sparse{.name = "GNUSparseFile.0/s", .data = "1\n0\n4\n"};
  sparse.data.resize(512, '\0');
  sparse.data += "data";
  sparse.pax = {{"GNU.sparse.major", "1"},
                {"GNU.sparse.minor", "0"},
                {"GNU.sparse.name", "sparse"},
                {"GNU.sparse.realsize", "1000000"}};
  unpack({sparse});
  BOOST_TEST(look("sparse").st_size == 1'000'000);
  BOOST_TEST(look("sparse").st_blocks <= 16);
  BOOST_TEST(slurp(root / "sparse").substr(0, 4) == "data");
}

BOOST_AUTO_TEST_CASE(whiteouts_hide_lower_layers_only) {
  unpack({file("kept"), file(".wh.kept", ""), file(".wh.gone", ""), file("etc/.wh.conf", ""),
          file(".wh.dir", ""), file("dir/new"), folder("full"), file("full/x"), file(".wh.full", ""),
          file(".wh.again", ""), file("again")});
  BOOST_TEST(S_ISREG(look("kept").st_mode));
  BOOST_TEST(S_ISREG(look("again").st_mode));
  BOOST_TEST(whiteout("gone"));
  BOOST_TEST(whiteout("etc/conf"));
  BOOST_TEST(opaque("dir"));
  BOOST_TEST(S_ISREG(look("dir/new").st_mode));
  BOOST_TEST(opaque("full"));
  BOOST_TEST(S_ISREG(look("full/x").st_mode));
  BOOST_TEST(!fs::exists(root / ".wh.gone"));
}

BOOST_AUTO_TEST_CASE(opaque_folders_are_marked_and_keep_their_own) {
  unpack({file("a/own"), file("a/.wh..wh..opq", ""), file("a/later"), file("b/.wh..wh..opq", ""),
          folder("b", 0700), file(".wh..wh.aufs", ""), folder(".wh..wh.plnk"), file(".wh..wh.plnk/1.2")});
  BOOST_TEST((opaque("a") && opaque("b")));
  BOOST_TEST((look("b").st_mode & 07777) == 0700u);
  look("a/own");
  look("a/later");
  BOOST_TEST(!fs::exists(root / ".wh..wh.plnk"));
}

BOOST_AUTO_TEST_CASE(an_overlay_mount_shows_what_the_image_says) {
  const fs::path lower = path / "lower";
  BOOST_REQUIRE(
      unpack_error(tar({file("gone"), file("stays"), file("dir/old"), file("opq/old")}), lower).empty());
  unpack({file(".wh.gone", ""), file(".wh.dir", ""), file("dir/new"), file("opq/.wh..wh..opq", ""),
          file("opq/new")});
  const fs::path merged = path / "merged";
  fs::create_directories(merged);
  const std::string options = "lowerdir=" + root.string() + ":" + lower.string();
  if (::mount("overlay", merged.c_str(), "overlay", MS_RDONLY, options.c_str()) != 0) {
    BOOST_TEST_MESSAGE("skipped: no overlay mounts here");
    return;
  }
  BOOST_TEST((!fs::exists(merged / "gone") && fs::exists(merged / "stays")));
  BOOST_TEST((!fs::exists(merged / "dir/old") && fs::exists(merged / "dir/new")));
  BOOST_TEST((!fs::exists(merged / "opq/old") && fs::exists(merged / "opq/new")));
  ::umount2(merged.c_str(), MNT_DETACH);
}

BOOST_AUTO_TEST_CASE(later_entries_replace_earlier_ones) {
  unpack({file("f", "old"), file("f", "new"), folder("d"), file("d/x"), file("d", "now a file"),
          symbolic_link("l", "f"), folder("l"), file("l/in"), file("g"), hardlink("h", "g"),
          file("h", "own")});
  BOOST_TEST(slurp(root / "f") == "new");
  BOOST_TEST(slurp(root / "d") == "now a file");
  BOOST_TEST(S_ISDIR(look("l").st_mode));
  BOOST_TEST(slurp(root / "g") == "data");
}

BOOST_AUTO_TEST_CASE(symlinks_of_the_layer_are_followed_inside) {
  unpack({folder("usr/lib"), symbolic_link("lib", "usr/lib"), symbolic_link("abs", "/usr/lib"),
          symbolic_link("up", "../../../usr"), file("lib/a"), file("abs/b"), file("up/lib/c")});
  for (const char* name : {"usr/lib/a", "usr/lib/b", "usr/lib/c"}) look(name);
}

BOOST_AUTO_TEST_CASE(device_nodes_below_dev_are_left_out) {
  unpack({folder("dev"),
          {.name = "dev/null", .type = '3', .major = 1, .minor = 3},
          {.name = "dev/sda", .type = '4', .major = 8},
          {.name = "zero", .type = '3'}});
  BOOST_TEST(fs::is_empty(root / "dev"));
  BOOST_TEST(whiteout("zero"));
}

BOOST_AUTO_TEST_CASE(a_tar_without_padding_or_end_is_read) {
  std::string bytes = tar({file("a", "hello")});
  bytes.resize(512 + 5);
  BOOST_TEST(unpack_error(bytes, root) == "");
  BOOST_TEST(slurp(root / "a") == "hello");
  BOOST_TEST(unpack_error(std::string(1024, '\0'), path / "empty") == "");
  BOOST_TEST(unpack_error("", path / "nothing") == "");
}

BOOST_AUTO_TEST_SUITE_END()
