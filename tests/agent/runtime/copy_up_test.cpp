// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/copy_up.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include "bundle.hpp"

using namespace podsd;
using namespace podsd::runtime;
namespace utf = boost::unit_test;
namespace fs = std::filesystem;

namespace {

// Two directories beside each other: what is copied, and where to.
struct Trees {
  Trees() {
    std::string pattern = (fs::temp_directory_path() / "podsd-copy-up-XXXXXX").string();
    dir = mkdtemp(pattern.data());
    fs::create_directory(from());
    fs::create_directory(to());
  }
  ~Trees() { fs::remove_all(dir); }
  Trees(const Trees&) = delete;
  Trees& operator=(const Trees&) = delete;

  [[nodiscard]] fs::path from() const { return dir / "from"; }
  [[nodiscard]] fs::path to() const { return dir / "to"; }
  [[nodiscard]] Result<void> copy() const {
    return copy_up(UniqueFd(open(from().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
                   UniqueFd(open(to().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  }

  fs::path dir;
};

struct stat look(const fs::path& path) {
  struct stat status = {};
  BOOST_TEST_REQUIRE(lstat(path.c_str(), &status) == 0, path);
  return status;
}

void make_socket(const fs::path& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  BOOST_TEST_REQUIRE(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

void set_time(const fs::path& path, time_t seconds) {
  const timespec times[] = {{seconds, 5}, {seconds, 6}};
  BOOST_TEST_REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(copying_up)

BOOST_AUTO_TEST_CASE(attributes_come_along, *utf::precondition(can_run)) {
  Trees trees;
  const fs::path file = trees.from() / "folder/file";
  fs::create_directory(file.parent_path());
  spill(file, "content");
  BOOST_TEST_REQUIRE(chown(file.c_str(), 7, 8) == 0);
  BOOST_TEST_REQUIRE(chmod(file.c_str(), 04711) == 0);
  BOOST_TEST_REQUIRE(setxattr(file.c_str(), "trusted.podsd", "value", 5, 0) == 0);
  BOOST_TEST_REQUIRE(chmod(file.parent_path().c_str(), 01770) == 0);
  BOOST_TEST_REQUIRE(chmod(trees.from().c_str(), 0751) == 0);
  fs::create_symlink("../../etc", trees.from() / "link");
  BOOST_TEST_REQUIRE(lchown((trees.from() / "link").c_str(), 9, 10) == 0);
  for (const auto& path : {file, file.parent_path(), trees.from() / "link", trees.from()})
    set_time(path, 1000);

  BOOST_TEST_REQUIRE(trees.copy().has_value());
  BOOST_TEST(slurp(trees.to() / "folder/file") == "content");
  BOOST_TEST(fs::read_symlink(trees.to() / "link") == "../../etc");
  for (const char* name : {"folder/file", "folder", "link", ""}) {
    const auto before = look(trees.from() / name), after = look(trees.to() / name);
    BOOST_TEST(after.st_mode == before.st_mode, name);
    BOOST_TEST(after.st_uid == before.st_uid, name);
    BOOST_TEST(after.st_gid == before.st_gid, name);
    BOOST_TEST(after.st_mtim.tv_sec == 1000, name);
    BOOST_TEST(after.st_mtim.tv_nsec == 6, name);
  }
  char value[8] = {};
  BOOST_TEST(getxattr((trees.to() / "folder/file").c_str(), "trusted.podsd", value, sizeof value) == 5);
  BOOST_TEST(std::string(value) == "value");
}

BOOST_AUTO_TEST_CASE(special_files_are_not_opened, *utf::precondition(can_run)) {
  Trees trees;
  BOOST_TEST_REQUIRE(mkfifo((trees.from() / "fifo").c_str(), 0640) == 0);
  BOOST_TEST_REQUIRE(mknod((trees.from() / "device").c_str(), S_IFCHR | 0640, makedev(1, 3)) == 0);
  make_socket(trees.from() / "socket");
  BOOST_TEST_REQUIRE(trees.copy().has_value());
  BOOST_TEST(S_ISFIFO(look(trees.to() / "fifo").st_mode));
  BOOST_TEST((look(trees.to() / "device").st_rdev == makedev(1, 3)));
  BOOST_TEST(!fs::exists(fs::symlink_status(trees.to() / "socket")));
}

BOOST_AUTO_TEST_CASE(links_are_not_followed) {
  Trees trees;
  fs::create_directory(trees.dir / "outside");
  spill(trees.dir / "outside/secret", "secret");
  fs::create_symlink("../outside", trees.from() / "folder");
  fs::create_symlink("../outside/secret", trees.from() / "file");
  fs::create_symlink("loop", trees.from() / "loop");
  BOOST_TEST_REQUIRE(trees.copy().has_value());
  for (const char* name : {"folder", "file", "loop"})
    BOOST_TEST(fs::is_symlink(fs::symlink_status(trees.to() / name)), name);
}

BOOST_AUTO_TEST_CASE(a_file_with_two_names_stays_one_file) {
  Trees trees;
  fs::create_directory(trees.from() / "b");
  spill(trees.from() / "a", "one");
  fs::create_hard_link(trees.from() / "a", trees.from() / "b/c");
  BOOST_TEST_REQUIRE(trees.copy().has_value());
  BOOST_TEST(look(trees.to() / "a").st_ino == look(trees.to() / "b/c").st_ino);
  BOOST_TEST(slurp(trees.to() / "b/c") == "one");
}

BOOST_AUTO_TEST_CASE(holes_take_no_room) {
  Trees trees;
  constexpr off_t length = off_t{1} << 40, middle = off_t{1} << 30;
  {
    UniqueFd file(open((trees.from() / "sparse").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    BOOST_TEST_REQUIRE(pwrite(file.get(), "data", 4, middle) == 4);
    BOOST_TEST_REQUIRE(ftruncate(file.get(), length) == 0);
  }
  BOOST_TEST_REQUIRE(trees.copy().has_value());
  const auto status = look(trees.to() / "sparse");
  BOOST_TEST(status.st_size == length);
  BOOST_TEST(status.st_blocks < 2048);
  UniqueFd copy(open((trees.to() / "sparse").c_str(), O_RDONLY | O_CLOEXEC));
  char text[5] = {};
  BOOST_TEST(pread(copy.get(), text, 4, middle) == 4);
  BOOST_TEST(std::string(text) == "data");
}

BOOST_AUTO_TEST_CASE(a_tree_that_is_too_deep_is_an_error) {
  for (const auto& [levels, works] : {std::pair{200, true}, std::pair{2000, false}}) {
    Trees trees;
    UniqueFd at(open(trees.from().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (int i = 0; i < levels; ++i) {
      BOOST_TEST_REQUIRE(mkdirat(at.get(), "d", 0700) == 0);
      at.reset(openat(at.get(), "d", O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    auto done = trees.copy();
    BOOST_TEST(done.has_value() == works, levels);
    if (!works) BOOST_TEST(done.error().message() == "a tree of more than 256 levels");
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(mounting_with_tmpcopyup, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(the_copy_is_the_containers_own) {
  Bundle bundle;
  fs::create_directories(bundle.root / "data/deep");
  spill(bundle.root / "data/deep/file", "of the image\n");
  fs::permissions(bundle.root / "data", fs::perms(0750));
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"tmpcopyup", "size=1m", "nosuid", "nodev"});
  auto outcome = bundle.shell(
      "cat /data/deep/file; echo changed > /data/deep/file; stat -c %a /data; grep -c ' /data tmpfs "
      "rw,nosuid,nodev' "
      "/proc/mounts");
  BOOST_TEST(outcome.output == "of the image\n750\n1\n");
  BOOST_TEST(slurp(bundle.root / "data/deep/file") == "of the image\n");
}

BOOST_AUTO_TEST_CASE(options_win_over_what_is_copied) {
  Bundle bundle;
  fs::create_directories(bundle.root / "data");
  spill(bundle.root / "data/file", "x\n");
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"tmpcopyup", "ro", "mode=701", "uid=5"});
  auto outcome =
      bundle.shell("stat -c '%a %u %g' /data; cat /data/file; touch /data/new 2>/dev/null || echo refused");
  BOOST_TEST(outcome.output == "701 5 0\nx\nrefused\n");
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_starts_nothing) {
  Bundle bundle;
  fs::create_directories(bundle.root / "data");
  spill(bundle.root / "data/large", std::string(1 << 20, 'x'));
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"tmpcopyup", "size=64k"});
  auto outcome = bundle.shell("echo never");
  BOOST_TEST(outcome.output.find("never") == std::string::npos);
  BOOST_TEST(
      outcome.message().find("/data: cannot copy: large: No space left on device") != std::string::npos,
      outcome.message());
}

BOOST_AUTO_TEST_CASE(a_link_as_target_stays_inside) {
  Bundle bundle;
  fs::create_directories(bundle.root / "inside");
  spill(bundle.root / "inside/file", "inside\n");
  fs::create_symlink("/../../inside", bundle.root / "data");
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"tmpcopyup"});
  BOOST_TEST(bundle.shell("ls /data; ls /inside").output == "file\nfile\n");
}

BOOST_AUTO_TEST_CASE(only_a_new_tmpfs_copies) {
  for (const auto& options : {std::vector<std::string>{"tmpcopyup", "bind"}, {"tmpcopyup", "remount"}}) {
    Bundle bundle;
    bundle.add_mount("/data", "tmpfs", "/tmp", options);
    BOOST_TEST(
        bundle.shell("echo never").message().find("tmpcopyup is an option of a new tmpfs only: /data") !=
        std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_tmpfs_has_the_mode_of_what_it_covers) {
  Bundle bundle;
  fs::create_directories(bundle.root / "covered");
  fs::permissions(bundle.root / "covered", fs::perms(0711));
  bundle.add_mount("/covered", "tmpfs", "tmpfs", {});
  bundle.add_mount("/made", "tmpfs", "tmpfs", {});
  BOOST_TEST(bundle.shell("stat -c %a /covered /made").output == "711\n1777\n");
}

BOOST_AUTO_TEST_SUITE_END()
