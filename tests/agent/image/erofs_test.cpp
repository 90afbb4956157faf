// SPDX-License-Identifier: Apache-2.0
// Layers as erofs images: what they show is what was unpacked, and nothing stays mounted or looped.
#include "agent/image/erofs.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "agent/image/confined.hpp"
#include "agent/image/erofs_mount.hpp"
#include "agent/image/layer_forms.hpp"
#include "agent/image/tree_digest.hpp"
#include "agent/image/verify.hpp"
#include "tests/agent/image/layout.hpp"

using namespace podsd::test;
namespace image = podsd::image;
namespace fs = std::filesystem;
using podsd::UniqueFd;

namespace {

/// Lines of a table of the kernel's that name `text`.
std::size_t lines_with(const char* table, const std::string& text) {
  std::ifstream lines(table);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.find(text) != std::string::npos) ++count;
  return count;
}

std::size_t loops_of(const fs::path& path) {
  std::size_t count = 0;
  for (const auto& device : fs::directory_iterator("/sys/block")) {
    std::ifstream backing(device.path() / "loop/backing_file");
    std::string file;
    if (std::getline(backing, file) && file.starts_with(path.string())) ++count;
  }
  return count;
}

/// All that overlayfs and containers read of a layer.
std::vector<std::string> layers() {
  Entry old = file("old", "older than time");
  old.mtime = -315521755;
  Entry owned = file("bin/owned", std::string(300000, 'x'));
  owned.uid = 4'000'000'000U;
  owned.gid = 70'000;
  owned.mode = 06755;
  owned.pax = {{"SCHILY.xattr.user.note", "text"}};
  Entry whiteout = file("bin/.wh.gone", ""), opaque = file("etc/.wh..wh..opq", "");
  Entry fifo = {"bin/pipe", '6'};
  return {tar({folder("."), folder("bin", 01777), file("bin/gone"), folder("etc"), file("etc/lower"), old,
               owned}),
          tar({folder("."), whiteout, opaque, file("etc/upper"), hardlink("etc/same", "etc/upper"),
               symbolic_link("etc/link", "../old"), fifo})};
}

struct Fixture : Scratch {
  Fixture() {
    write_layout(path / "layout", {.layers = layers()});
    unpacked = import(image::overlayfs_snapshotter(), "unpacked");
    erofs = import(image::erofs_snapshotter(), "erofs");
  }

  image::Store store_of(const image::Snapshotter& form, const std::string& name) const {
    return image::Store::open(path / name, {{}, &form}).value();
  }
  image::Image import(const image::Snapshotter& form, const std::string& name) const {
    auto imported = store_of(form, name).import("oci:" + (path / "layout").string(), "x");
    BOOST_REQUIRE_MESSAGE(imported, message_of(imported));
    return *imported;
  }
  static fs::path folder_of(const image::Image& from, std::size_t layer) {
    const fs::path link = from.layers[layer];
    return (link.parent_path() / fs::read_symlink(link)).parent_path().lexically_normal();
  }
  std::string damage() const {
    const auto checked = image::verify(store_of(image::erofs_snapshotter(), "erofs"));
    std::string text;
    for (const auto& one : checked.value().damage) text += one.what + "\n";
    return text;
  }

  image::Image unpacked, erofs;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(erofs_layers, Fixture)

BOOST_AUTO_TEST_CASE(an_image_shows_what_was_unpacked) {
  auto store = store_of(image::erofs_snapshotter(), "erofs");
  BOOST_REQUIRE_MESSAGE(store.hold({erofs}, "user"), "hold");
  for (std::size_t i = 0; i < unpacked.layers.size(); ++i) {
    BOOST_TEST(fs::exists(folder_of(erofs, i) / "erofs"));
    BOOST_TEST(describe(erofs.layers[i]) == describe(unpacked.layers[i]), boost::test_tools::per_element());
  }
  const auto upper = fs::path(erofs.layers[1]);
  struct stat st {};
  BOOST_TEST(::lstat((upper / "bin/gone").c_str(), &st) == 0);
  BOOST_TEST((S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0)));
  char value = 0;
  BOOST_TEST(::getxattr((upper / "etc").c_str(), "trusted.overlay.opaque", &value, 1) == 1);
  BOOST_TEST(fs::hard_link_count(upper / "etc/same") == 2u);
  BOOST_TEST(::access((upper / "etc/new").c_str(), W_OK) != 0);
  BOOST_REQUIRE(store.release("user"));
}

BOOST_AUTO_TEST_CASE(the_same_layers_give_the_same_bytes) {
  const auto again = import(image::erofs_snapshotter(), "again");
  // A whiteout has the time of its making, so the upper layer differs.
  BOOST_TEST((slurp(folder_of(erofs, 0) / "erofs") == slurp(folder_of(again, 0) / "erofs")));
}

BOOST_AUTO_TEST_CASE(mounted_while_somebody_holds_them) {
  auto store = store_of(image::erofs_snapshotter(), "erofs");
  const std::string below = (path / "erofs").string();
  const auto mounts = [&] { return lines_with("/proc/self/mountinfo", below); };
  BOOST_TEST(mounts() == 0u);
  BOOST_REQUIRE(store.hold({erofs}, "a"));
  BOOST_REQUIRE(store.hold({erofs}, "b"));
  BOOST_TEST(mounts() == 2u);
  BOOST_REQUIRE(store.release("a"));
  BOOST_TEST(mounts() == 2u);
  BOOST_REQUIRE(store.release("b"));
  BOOST_TEST(mounts() == 0u);
  // A holder that died with its agent.
  BOOST_REQUIRE(store.hold({erofs}, "a"));
  BOOST_REQUIRE(store.remove("x"));
  BOOST_TEST(mounts() == 2u);
  BOOST_REQUIRE(store.clear_holds_except({}));
  BOOST_TEST(mounts() == 0u);
  store_of(image::erofs_snapshotter(), "erofs");
  BOOST_TEST(fs::is_empty(path / "erofs/layers"));
  BOOST_TEST(fs::is_empty(path / "erofs/trash"));
}

BOOST_AUTO_TEST_CASE(a_holder_that_changes_its_image) {
  auto store = store_of(image::erofs_snapshotter(), "erofs");
  write_layout(path / "other", {.layers = {tar({file("other")})}});
  const auto other = store.import("oci:" + (path / "other").string(), "y");
  BOOST_REQUIRE(other);
  BOOST_REQUIRE(store.hold({erofs}, "a"));
  BOOST_REQUIRE(store.hold({*other}, "a"));
  BOOST_TEST(lines_with("/proc/self/mountinfo", (path / "erofs").string()) == 1u);
  BOOST_REQUIRE(store.release("a"));
}

BOOST_AUTO_TEST_CASE(damage_to_an_image_is_seen) {
  BOOST_TEST(damage() == "");
  const auto file = folder_of(erofs, 0) / "erofs";
  std::string bytes = slurp(file);
  const auto contents = bytes.find(std::string(100000, 'x'));
  BOOST_REQUIRE(contents != std::string::npos);
  bytes[contents + 50000] = 'y';
  spill(file, bytes);
  BOOST_TEST(damage().find(": its files are not what was unpacked") != std::string::npos, damage());
  spill(file, "");
  BOOST_TEST(damage().find("cannot mount the erofs image") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(both_forms_in_one_image) {
  auto texts = layers();
  texts.push_back(tar({file("bin/third")}));  // leans on what is below: bin has its mode from there
  write_layout(path / "more", {.layers = texts});
  const std::string more = "oci:" + (path / "more").string();
  for (const char* name : {"erofs", "unpacked"}) {
    const bool to_erofs = std::string_view(name) == "unpacked";
    auto store = store_of(to_erofs ? image::erofs_snapshotter() : image::overlayfs_snapshotter(), name);
    const auto mixed = store.import(more, "more");
    BOOST_REQUIRE_MESSAGE(mixed, message_of(mixed));
    const auto forms = image::layer_forms(*mixed).value();
    BOOST_TEST(forms.front().snapshotter == (to_erofs ? "overlayfs" : "erofs"));
    BOOST_TEST(forms.back().snapshotter == (to_erofs ? "erofs" : "overlayfs"));
    BOOST_REQUIRE(store.hold({*mixed}, "user"));
    struct stat st {};
    BOOST_TEST(::stat((mixed->layers.back() / "bin").c_str(), &st) == 0);
    BOOST_TEST((st.st_mode & 07777) == 01777);
    BOOST_REQUIRE(store.release("user"));
  }
}

BOOST_AUTO_TEST_CASE(a_kernel_that_wants_a_loop_device) {
  const auto file = folder_of(erofs, 0) / "erofs";
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  auto mount = image::erofs_mount(fd.get(), image::ErofsSource::loop);
  if (!mount && ::access("/dev/loop-control", F_OK) != 0) {
    BOOST_TEST_MESSAGE("skipped: no loop devices here");
    return;
  }
  BOOST_REQUIRE_MESSAGE(mount, message_of(mount));
  BOOST_TEST(loops_of(path) == 1u);
  UniqueFd root(::openat(mount->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd other(::open(unpacked.layers[0].c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  BOOST_TEST(image::tree_digest(root.get()).value() == image::tree_digest(other.get()).value());
  root.reset();
  mount->reset();
  BOOST_TEST(loops_of(path) == 0u);
}

BOOST_AUTO_TEST_CASE(a_program_is_confined) {
  fs::create_directories(path / "work");
  const UniqueFd folder(::open((path / "work").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto run = [&](const std::string& script, std::uint64_t largest = 1U << 20) {
    return message_of(image::confined_program(folder.get(), std::chrono::seconds(60),
                                              {{"sh", "-c", script}, {"PATH=/usr/bin:/bin"}, largest}));
  };
  BOOST_TEST(run("echo text >made") == "");
  BOOST_TEST(slurp(path / "work/made") == "text\n");
  BOOST_TEST(run("echo text >" + (path / "outside").string()) != "");
  BOOST_TEST(!fs::exists(path / "outside"));
  BOOST_TEST(run("chown 1:1 made") != "");
  BOOST_TEST(run("exec 2>&1; mount -t tmpfs x .; test $? != 0 && ! unshare -n true") == "");
  BOOST_TEST(run("test \"$(env | grep -c SECRET)\" = 0; test $(pwd) = " + (path / "work").string()) == "");
  BOOST_TEST(run("echo first; echo the reason >&2; exit 3") == "sh: the reason");
  BOOST_TEST(run("exec head -c 2000000 /dev/zero >big", 1'000'000).find("more than is allowed") !=
             std::string::npos);
  const auto none =
      image::confined_program(folder.get(), std::chrono::seconds(60), {{"no-such-program"}, {}, 1});
  BOOST_TEST(message_of(none).find("not installed") != std::string::npos, message_of(none));
}

BOOST_AUTO_TEST_SUITE_END()
