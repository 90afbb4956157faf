// SPDX-License-Identifier: Apache-2.0
// What confined work can do, and what it cannot.
#include "agent/image/confined.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "agent/os/unique_fd.hpp"

using podsd::Result;
using podsd::UniqueFd;
using podsd::image::confined;
namespace fs = std::filesystem;

namespace {

struct Fixture {
  fs::path path = fs::temp_directory_path() / ("confined-" + std::to_string(::getpid()));
  UniqueFd folder, outside;

  Fixture() {
    fs::create_directories(path / "in");
    fs::create_directories(path / "out");
    std::ofstream(path / "out/file") << "kept";
    folder.reset(::open((path / "in").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    outside.reset(::open((path / "out").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~Fixture() { fs::remove_all(path); }

  /// 0 where the call went well, else its errno, seen from inside.
  int tried(const std::function<int(int)>& call) const {
    const auto result = confined(folder.get(), std::chrono::seconds(60), [&](int own) -> Result<std::string> {
      errno = 0;
      return std::to_string(call(own) < 0 ? errno : 0);
    });
    BOOST_REQUIRE_MESSAGE(result, (result ? std::string() : result.error().message()));
    return std::stoi(*result);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(confinement, Fixture)

BOOST_AUTO_TEST_CASE(what_unpacking_takes_goes) {
  const int code = tried([](int own) {
    if (::mkdirat(own, "d", 0755) != 0 || ::mknodat(own, "w", S_IFCHR, 0) != 0) return -1;
    const UniqueFd file(::openat(own, "d/f", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!file || ::write(file.get(), "x", 1) != 1 || ::fchown(file.get(), 7, 8) != 0) return -1;
    if (::fchmod(file.get(), 04755) != 0 || ::fsetxattr(file.get(), "user.a", "b", 1, 0) != 0) return -1;
    if (::linkat(own, "d/f", own, "l", 0) != 0 || ::symlinkat("x", own, "s") != 0) return -1;
    const UniqueFd folder(::openat(own, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (::fsetxattr(folder.get(), "trusted.overlay.opaque", "y", 1, 0) != 0) return -1;
    return ::renameat(own, "d/f", own, "g");
  });
  BOOST_TEST(code == 0);
  struct stat st {};
  BOOST_REQUIRE(::stat((path / "in/l").c_str(), &st) == 0);
  BOOST_TEST((st.st_uid == 7 && st.st_gid == 8 && (st.st_mode & 07777) == 04755));
}

BOOST_AUTO_TEST_CASE(nothing_else_can_be_written) {
  const std::string out = path / "out", file = path / "out/file";
  BOOST_TEST(tried([&](int) { return ::mkdir((out + "/new").c_str(), 0755); }) != 0);
  BOOST_TEST(tried([&](int) { return ::unlink(file.c_str()); }) != 0);
  BOOST_TEST(tried([&](int) { return ::open(file.c_str(), O_WRONLY); }) != 0);
  BOOST_TEST(tried([&](int) { return ::chmod(file.c_str(), 0777); }) == EROFS);
  BOOST_TEST(tried([&](int) { return ::rename(file.c_str(), (out + "/other").c_str()); }) != 0);
  BOOST_TEST(tried([&](int own) { return ::linkat(AT_FDCWD, file.c_str(), own, "stolen", 0); }) != 0);
  BOOST_TEST(tried([&](int own) { return ::openat(own, "../out/file", O_WRONLY); }) != 0);
  BOOST_TEST(tried([&](int) { return ::open("/proc/self/oom_score_adj", O_WRONLY); }) != 0);
  // By an fd from before, which is of a mount that can be written.
  BOOST_TEST(tried([&](int) { return ::mkdirat(outside.get(), "new", 0755); }) == EACCES);
  BOOST_TEST(tried([&](int) { return ::openat(outside.get(), "file", O_WRONLY); }) == EACCES);
  BOOST_TEST(tried([&](int) { return ::unlinkat(outside.get(), "file", 0); }) == EACCES);
  std::string text;
  std::ifstream(file) >> text;
  BOOST_TEST(text == "kept");
  BOOST_TEST(std::distance(fs::directory_iterator(out), {}) == 1);
  BOOST_TEST(tried([&](int) { return ::open(file.c_str(), O_RDONLY); }) == 0);
}

BOOST_AUTO_TEST_CASE(no_way_out) {
  BOOST_TEST(tried([](int) { return ::execl("/bin/true", "true", nullptr); }) == EPERM);
  BOOST_TEST(tried([](int) { return ::socket(AF_UNIX, SOCK_STREAM, 0); }) == EPERM);
  BOOST_TEST(tried([](int) { return ::mount("none", "/", nullptr, MS_REMOUNT | MS_BIND, nullptr); }) ==
             EPERM);
  BOOST_TEST(tried([](int) { return ::kill(::getppid(), 0); }) == EPERM);
  BOOST_TEST(tried([](int) { return ::setns(0, 0); }) == EPERM);
  BOOST_TEST(tried([](int) { return ::setuid(1); }) == EPERM);
}

BOOST_AUTO_TEST_CASE(its_end_is_told) {
  const auto minute = std::chrono::seconds(60);
  const auto failed = confined(folder.get(), minute, [](int) -> Result<std::string> {
    return podsd::fail("it is bad", "here", ENOENT);
  });
  BOOST_TEST(failed.error().message() == "it is bad: here: No such file or directory");
  const auto loud = confined(folder.get(), minute, [](int) -> Result<std::string> {
    return podsd::fail("cannot unpack", "\x1B[2J\n" + std::string(5000, 'n'));
  });
  BOOST_TEST(loud.error().message().starts_with("cannot unpack:  [2J nnn"));
  BOOST_TEST(loud.error().message().size() < 1100U);
  const auto died = confined(folder.get(), minute, [](int) -> Result<std::string> {
    ::raise(SIGKILL);
    return "";
  });
  BOOST_TEST(died.error().message().find("signal 9") != std::string::npos);
  const auto thrown =
      confined(folder.get(), minute, [](int) -> Result<std::string> { throw std::runtime_error("thrown"); });
  BOOST_TEST(thrown.error().message() == "thrown");
  const auto late = confined(folder.get(), std::chrono::seconds(1), [](int) -> Result<std::string> {
    while (true) ::pause();
  });
  BOOST_TEST(late.error().code == ETIME);
  const std::string much(1 << 20, 'x');
  const auto long_answer = confined(folder.get(), minute, [&](int) -> Result<std::string> { return much; });
  BOOST_TEST((long_answer && *long_answer == much));
}

BOOST_AUTO_TEST_SUITE_END()
