// SPDX-License-Identifier: Apache-2.0
// Paths of hostile images: every link must end up inside the root.
#include "agent/runtime/root_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "bundle.hpp"

using namespace podsd;
using namespace podsd::runtime;
namespace fs = std::filesystem;

namespace {

// A root beside which lies what must not be touched.
struct Tree {
  Tree() {
    char name[] = "/tmp/podsd-root-path-XXXXXX";
    BOOST_REQUIRE(mkdtemp(name) != nullptr);
    top = name;
    fs::create_directories(top / "root/a/b");
    fs::create_directories(top / "outside");
    root = UniqueFd(open((top / "root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  ~Tree() { fs::remove_all(top); }
  fs::path top;
  UniqueFd root;
};

std::string path_of(const Result<UniqueFd>& fd) {
  BOOST_REQUIRE_MESSAGE(fd, (fd ? "" : fd.error().message()));
  return fs::read_symlink("/proc/self/fd/" + std::to_string(fd->get()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(root_path)

BOOST_AUTO_TEST_CASE(missing_directories_are_made) {
  Tree tree;
  BOOST_TEST(path_of(make_directory_in_root(tree.root, "/a/x/y/z/")) == (tree.top / "root/a/x/y/z").string());
  BOOST_TEST(path_of(make_directory_in_root(tree.root, "/")) == (tree.top / "root").string());
}

BOOST_AUTO_TEST_CASE(links_stay_inside) {
  Tree tree;
  fs::create_symlink("/outside", tree.top / "root/absolute");
  fs::create_symlink("../../../outside", tree.top / "root/a/relative");
  fs::create_symlink((tree.top / "outside").string(), tree.top / "root/host");
  fs::create_symlink("/a/new", tree.top / "root/dangling");
  BOOST_TEST(path_of(make_directory_in_root(tree.root, "/absolute/deep")) ==
             (tree.top / "root/outside/deep").string());
  BOOST_TEST(path_of(make_directory_in_root(tree.root, "/a/relative/x")) ==
             (tree.top / "root/outside/x").string());
  BOOST_TEST(path_of(make_directory_in_root(tree.root, "/dangling/x")) ==
             (tree.top / "root/a/new/x").string());
  BOOST_TEST(
      path_of(make_directory_in_root(tree.root, "/host/x")).starts_with((tree.top / "root/").string()));
  BOOST_TEST(path_of(make_directory_in_root(tree.root, "/../../up")) == (tree.top / "root/up").string());
  BOOST_TEST(fs::is_empty(tree.top / "outside"));
}

BOOST_AUTO_TEST_CASE(loops_and_files_on_the_way_fail) {
  Tree tree;
  fs::create_symlink("two", tree.top / "root/one");
  fs::create_symlink("one", tree.top / "root/two");
  spill(tree.top / "root/file", "x");
  BOOST_TEST(!make_directory_in_root(tree.root, "/one/x"));
  BOOST_TEST(!make_directory_in_root(tree.root, "/file/x"));
  auto link = open_in_root(tree.root, "/one");
  BOOST_REQUIRE(!link);
  BOOST_TEST(link.error().code == ELOOP);
}

BOOST_AUTO_TEST_CASE(files_are_made_and_dangling_links_of_that_name_refused) {
  Tree tree;
  BOOST_TEST(path_of(make_file_in_root(tree.root, "/etc/resolv.conf")) ==
             (tree.top / "root/etc/resolv.conf").string());
  BOOST_TEST(fs::is_regular_file(tree.top / "root/etc/resolv.conf"));
  fs::create_symlink("/nowhere", tree.top / "root/link");
  BOOST_TEST(!make_file_in_root(tree.root, "/link"));
  BOOST_TEST(!fs::exists(tree.top / "root/nowhere"));
}

BOOST_AUTO_TEST_CASE(links_can_be_refused_altogether) {
  Tree tree;
  fs::create_symlink("a", tree.top / "root/proc");
  BOOST_TEST(open_in_root(tree.root, "/proc").has_value());
  BOOST_TEST(!open_in_root(tree.root, "/proc", true));
}

BOOST_AUTO_TEST_SUITE_END()
