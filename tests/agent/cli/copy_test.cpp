// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/copy.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "agent/cli/tree_unpack.hpp"

using namespace podsd;
using namespace podsd::cli;
namespace fs = std::filesystem;

namespace {

struct Folders {
  fs::path base;
  Folders() {
    char name[] = "/tmp/podsd-copy-XXXXXX";
    BOOST_REQUIRE(mkdtemp(name) != nullptr);
    base = name;
    fs::create_directories(base / "from/d");
    fs::create_directories(base / "to");
  }
  ~Folders() { fs::remove_all(base); }
  UniqueFd open(const char* name) const {
    return UniqueFd(::open((base / name).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  void write(const char* name, const std::string& text) const { std::ofstream(base / name) << text; }
  std::string read(const char* name) const {
    std::ifstream file(base / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  /// Packs "from" as `name` and unpacks it in "to".
  Result<void> copy(const std::string& name) {
    warnings.clear();
    const auto warn = [this](const std::string& text) { warnings += text + "\n"; };
    const std::string tar = base / "tar";
    const UniqueFd out(::open(tar.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (auto packed = pack_tree(open("from"), name, out.get(), warn); !packed) return packed;
    ::lseek(out.get(), 0, SEEK_SET);
    return unpack_tree(out.get(), open("to"), {::geteuid(), ::getegid()}, warn);
  }
  std::string warnings;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(copies)

BOOST_AUTO_TEST_CASE(names) {
  BOOST_TEST(base_name("/a/b") == "b");
  BOOST_TEST(base_name("a//") == "a");
  for (const char* none : {"/", ".", "a/.", "a/..", "..", ""}) BOOST_TEST(base_name(none) == "");
  BOOST_TEST((remote_path("web:/a:b", "x") == RemotePath{"x", "web", "/a:b"}));
  BOOST_TEST((remote_path("ns/web:a", "x") == RemotePath{"ns", "web", "a"}));
  for (const char* local : {"a", "-", "/a:b", "./a:b", ":a"})
    BOOST_TEST(!remote_path(local, "x").has_value());
}

BOOST_AUTO_TEST_CASE(a_tree_comes_along_and_special_bits_do_not) {
  Folders f;
  f.write("from/a\xc3\xa4", "text");
  f.write("from/d/old", "new");
  ::chmod((f.base / "from/d/old").c_str(), 04711);
  fs::create_symlink("/etc", f.base / "from/link");
  BOOST_REQUIRE(::mkfifo((f.base / "from/fifo").c_str(), 0600) == 0);
  BOOST_TEST(f.copy("t").has_value());
  BOOST_TEST(f.read("to/t/a\xc3\xa4") == "text");
  BOOST_TEST(fs::read_symlink(f.base / "to/t/link") == "/etc");
  struct stat st {};
  BOOST_TEST(::stat((f.base / "to/t/d/old").c_str(), &st) == 0);
  BOOST_TEST((st.st_mode & 07777) == 0711);
  BOOST_TEST(f.warnings.find("t/fifo") != std::string::npos);
  BOOST_TEST(!fs::exists(f.base / "to/t/fifo"));
}

BOOST_AUTO_TEST_CASE(links_in_the_target_are_not_followed) {
  Folders f;
  f.write("from/file", "new");
  f.write("from/d/file", "new");
  f.write("canary", "untouched");
  fs::create_directories(f.base / "out");
  fs::create_symlink(f.base / "canary", f.base / "to/file");
  BOOST_TEST(f.copy("").has_value());
  BOOST_TEST(f.read("canary") == "untouched");
  BOOST_TEST(f.read("to/file") == "new");
  fs::remove_all(f.base / "to/d");
  fs::create_directory_symlink(f.base / "out", f.base / "to/d");
  BOOST_TEST(!f.copy("").has_value());
  BOOST_TEST(fs::is_empty(f.base / "out"));
}

BOOST_AUTO_TEST_SUITE_END()
