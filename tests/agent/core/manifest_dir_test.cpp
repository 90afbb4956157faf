// SPDX-License-Identifier: Apache-2.0
// Which files of the folder count, and what is refused before a byte is parsed.
#include <boost/asio/io_context.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "agent/manifest_dir.hpp"

using namespace podsd::agent;
namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/podsd-manifests-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path); }
  fs::path write(const std::string& name, const std::string& text = "x") const {
    std::ofstream(path / name) << text;
    ::chmod((path / name).c_str(), 0644);
    return path / name;
  }
  fs::path path;
};

std::string refusal(const fs::path& path) {
  const auto read = read_manifest(path);
  return read ? "" : read.error().what;
}

}  // namespace

BOOST_DATA_TEST_CASE(names_that_count,
                     boost::unit_test::data::make({"web.yaml", "web.yml", "web.json", "a.b.yaml"})) {
  BOOST_TEST(is_manifest_name(sample));
}

BOOST_DATA_TEST_CASE(names_that_do_not,
                     boost::unit_test::data::make({".yaml", ".web.yaml", "#web.yaml#", "web.yaml~",
                                                   ".web.yaml.swp", "web.yaml.new", "web.txt", "yaml", "",
                                                   "#web.yaml"})) {
  BOOST_TEST(!is_manifest_name(sample));
}

BOOST_AUTO_TEST_CASE(a_plain_file_is_read) {
  Folder folder;
  BOOST_TEST(read_manifest(folder.write("a.yaml", "kind: Pod")).value() == "kind: Pod");
}

BOOST_AUTO_TEST_CASE(what_is_no_plain_file_is_refused) {
  Folder folder;
  fs::create_symlink(folder.write("real.yaml"), folder.path / "link.yaml");
  BOOST_TEST(refusal(folder.path / "link.yaml") == "is a symbolic link, expected a regular file");
  ::mkfifo((folder.path / "fifo.yaml").c_str(), 0644);
  BOOST_TEST(refusal(folder.path / "fifo.yaml") == "is not a regular file");
  fs::create_directory(folder.path / "dir.yaml");
  BOOST_TEST(refusal(folder.path / "dir.yaml") == "is not a regular file");
  BOOST_TEST(read_manifest(folder.path / "none.yaml").error().code == ENOENT);
}

BOOST_AUTO_TEST_CASE(who_may_write_it_matters) {
  Folder folder;
  const fs::path file = folder.write("a.yaml");
  ::chmod(file.c_str(), 0664);
  BOOST_TEST(refusal(file) == "is writable by group or others, expected mode 0644 or stricter");
  ::chmod(file.c_str(), 0646);
  BOOST_TEST(refusal(file) == "is writable by group or others, expected mode 0644 or stricter");
  ::chmod(file.c_str(), 0600);
  BOOST_TEST(refusal(file) == "");
  BOOST_REQUIRE(::chown(file.c_str(), 1234, 0) == 0);
  BOOST_TEST(refusal(file) == "belongs to uid 1234, expected root");
}

BOOST_AUTO_TEST_CASE(a_large_file_is_refused_unread) {
  Folder folder;
  const fs::path file = folder.write("a.yaml");
  fs::resize_file(file, 2 << 20);
  BOOST_TEST(refusal(file) == "has 2097152 bytes, expected at most 1 MiB");
}

BOOST_AUTO_TEST_CASE(changes_are_told_once_a_file_is_whole) {
  Folder folder;
  boost::asio::io_context io;
  std::vector<std::string> told;
  const auto watch = ManifestWatch::open(io, folder.path, [&](const std::set<std::string>& names) {
    told.insert(told.end(), names.begin(), names.end());
  });
  BOOST_REQUIRE(watch.has_value());
  {
    std::ofstream half(folder.path / "half.yaml");
    half << "kind: " << std::flush;
    io.poll();
    BOOST_TEST(told.empty());
  }
  io.restart();
  io.poll();
  BOOST_TEST(told == std::vector<std::string>{"half.yaml"});
  fs::rename(folder.path / "half.yaml", folder.path / "whole.yaml");
  fs::create_symlink("whole.yaml", folder.path / "link.yaml");
  folder.write("notes.txt");
  told.clear();
  io.restart();
  io.poll();
  BOOST_TEST((told == std::vector<std::string>{"half.yaml", "link.yaml", "whole.yaml"}));
}
