// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "tests/agent/image/layout.hpp"
#include "tests/agent/image/memory_reader.hpp"

using namespace podsd::test;
namespace fs = std::filesystem;

namespace {

struct Hostile {
  const char* what;
  std::vector<Entry> entries;
  const char* message;  ///< part of the refusal; "" where the entry is confined instead
};

std::ostream& operator<<(std::ostream& stream, const Hostile& hostile) {
  return stream << hostile.what;
}

Entry with_pax(Entry entry, const std::string& key, const std::string& value) {
  entry.pax = {{key, value}};
  return entry;
}

Entry huge(std::uint64_t size) {
  Entry entry = file("huge", "");
  entry.declared_size = size;
  return entry;
}

std::string deep_path() {
  std::string path = "f";
  for (int i = 0; i < 2500; ++i) path += "/d";
  return path;
}

/// Paths are relative to a folder that has a file "victim" beside the root: see below.
std::vector<Hostile> hostile_layers() {
  return {
      {"dotdot", {file("../victim", "pwned")}, "path with .."},
      {"dotdot in the middle", {file("a/../../victim", "pwned")}, "path with .."},
      {"dotdot by pax", {with_pax(file("x", "pwned"), "path", "../victim")}, "path with .."},
      {"dotdot folder", {folder("..", 0777)}, "path with .."},
      {"absolute", {file("/victim", "pwned")}, ""},
      {"many slashes", {file("//////victim", "pwned")}, ""},
      {"relative symlink out", {symbolic_link("s", ".."), file("s/victim", "pwned")}, ""},
      {"absolute symlink out", {symbolic_link("s", "/var"), file("s/victim", "pwned")}, "not a folder"},
      {"symlink to the root", {symbolic_link("s", "/"), file("s/victim", "pwned")}, ""},
      {"write through a file symlink", {symbolic_link("s", "../victim"), file("s", "pwned")}, ""},
      {"symlink chain", {symbolic_link("a", "b"), symbolic_link("b", ".."), file("a/victim", "pwned")}, ""},
      {"symlink loop",
       {symbolic_link("a", "b"), symbolic_link("b", "a"), file("a/x", "pwned")},
       "cannot unpack"},
      {"dangling symlink on the way", {symbolic_link("a", "missing"), file("a/x")}, "not a folder"},
      {"magic link", {symbolic_link("p", "/proc/self/cwd"), file("p/x")}, "not a folder"},
      {"file on the way", {file("f"), file("f/x")}, "not a folder"},
      {"folder over symlink, then below",
       {symbolic_link("s", ".."), folder("s"), file("s/victim", "pwned")},
       ""},
      {"hard link out", {hardlink("h", "../victim")}, "path with .."},
      {"hard link to the host", {hardlink("h", "/etc/passwd")}, "does not have"},
      {"hard link through a symlink", {symbolic_link("s", ".."), hardlink("h", "s/victim")}, "does not have"},
      {"hard link to a missing file", {hardlink("h", "missing")}, "does not have"},
      {"hard link to itself", {hardlink("h", "h")}, "does not have"},
      {"hard link to a folder", {folder("d"), hardlink("h", "d")}, "folder"},
      {"hard link to the root", {hardlink("h", "/")}, "folder"},
      {"hard link to a whiteout", {file(".wh.w", ""), hardlink("h", "w")}, "does not have"},
      {"hard link, then write",
       {symbolic_link("s", "../victim"), hardlink("h", "s"), file("h", "pwned")},
       ""},
      {"char device", {{.name = "null", .type = '3', .major = 1, .minor = 3}}, "device node"},
      {"block device", {{.name = "x/sda", .type = '4', .major = 8}}, "device node"},
      {"device by a symlink",
       {symbolic_link("d", "dev"), {.name = "d/sda", .type = '4', .major = 8}},
       "device node"},
      {"whiteout without name", {file(".wh.", "")}, "without a name"},
      {"whiteout of dot", {file("a/.wh..", "")}, "without a name"},
      {"whiteout of dotdot", {file("a/.wh...", "")}, "without a name"},
      {"whiteout as folder", {file(".wh.x/y", "")}, "used as a folder"},
      {"root as a file", {file("./", "")}, ""},
      {"root as a symlink", {symbolic_link("./", "/etc")}, "root is not a folder"},
      {"root as a fifo", {{.name = "/", .type = '6'}}, "root is not a folder"},
      {"huge declared size", {huge(8'000'000'000ULL)}, "cannot"},
      {"huge sparse file",
       {with_pax(with_pax(file("s"), "GNU.sparse.map", "0,4"), "size", "99999999999999")},
       "cannot"},
      {"negative owner", {with_pax(file("x"), "uid", "-1")}, "owner"},
      {"owner that wraps to root", {with_pax(file("x"), "uid", "4294967296")}, "owner"},
      {"owner no change", {with_pax(file("x"), "gid", "4294967295")}, "owner"},
      {"name with a NUL", {with_pax(file("x"), "path", std::string("a\0/../../victim", 15))}, ""},
      {"name too long", {with_pax(file("x"), "path", std::string(300, 'n'))}, "too long"},
      {"path too long", {with_pax(file("x"), "path", deep_path())}, "too long"},
      {"empty symlink", {symbolic_link("s", "")}, "without a target"},
      {"symlink too long",
       {with_pax(symbolic_link("s", "x"), "linkpath", std::string(5000, 'l'))},
       "too long"},
      {"no tar at all", {}, "Unrecognized"},
  };
}

/// tests/fuzz/corpus/layer is made so: PODSD_CORPUS=DIR image-test --run_test=hostile_layer. Without the
/// zeros at the end, which the reader adds.
void keep_for_fuzzing(std::string name, std::string bytes) {
  const char* folder = std::getenv("PODSD_CORPUS");
  if (folder == nullptr) return;
  std::ranges::replace_if(
      name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '-');
  bytes.erase(bytes.find_last_not_of('\0') + 1);
  spill(fs::path(folder) / name, bytes);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_layer)

BOOST_DATA_TEST_CASE(nothing_leaves_the_root, boost::unit_test::data::make(hostile_layers()), hostile) {
  Scratch scratch;
  spill(scratch.path / "victim", "untouched");
  const auto outside = [&] {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(scratch.path)) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  };
  const std::string bytes = hostile.entries.empty() ? std::string(3000, 'x') : tar(hostile.entries);
  keep_for_fuzzing(hostile.what, bytes);
  fs::create_directories(scratch.path / "root");
  struct stat before {};
  struct stat after {};
  BOOST_REQUIRE(::stat(scratch.path.c_str(), &before) == 0);
  const std::string error = unpack_error(bytes, scratch.path / "root");
  if (*hostile.message == '\0') BOOST_TEST(error == "");
  BOOST_TEST(
      (error.find(hostile.message) != std::string::npos && error.empty() == (*hostile.message == '\0')),
      hostile.what << ": " << error);
  BOOST_TEST(slurp(scratch.path / "victim") == "untouched");
  BOOST_TEST(outside() == (std::vector<std::string>{"root", "victim"}));
  BOOST_REQUIRE(::stat(scratch.path.c_str(), &after) == 0);
  BOOST_TEST((after.st_mode == before.st_mode && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec));
  struct stat st {};
  BOOST_REQUIRE(::stat((scratch.path / "victim").c_str(), &st) == 0);
  BOOST_TEST(st.st_nlink == 1u);
}

BOOST_AUTO_TEST_CASE(budgets_are_kept) {
  Scratch scratch;
  const std::string data(100'000, 'x');
  podsd::image::Budget files{.bytes = 1'000'000, .inodes = 3};
  BOOST_TEST(unpack_error(tar({file("a"), file("b"), file("c")}), scratch.path / "1", files) == "");
  BOOST_TEST(unpack_error(tar({file("a"), file("b"), file("c"), file("d")}), scratch.path / "2", files)
                 .find("more files") != std::string::npos);
  BOOST_TEST(unpack_error(tar({file("a/b/c/d")}), scratch.path / "3", files).find("more files") !=
             std::string::npos);
  std::uint64_t bytes = 150'000;
  auto reader =
      podsd::image::budgeted(std::make_unique<MemoryReader>(tar({file("a", data), file("b", data)})), bytes);
  BOOST_TEST(podsd::image::drain(*reader).error().message().find("more bytes") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(truncated_and_damaged_tars_are_refused) {
  Scratch scratch;
  const std::string good = tar({file("a", std::string(10'000, 'x')), file("b")});
  for (const std::size_t size : {600U, 1024U, 5000U, 10'000U})
    BOOST_TEST(unpack_error(good.substr(0, size), scratch.path / std::to_string(size)) != "");
  std::string damaged = good;
  damaged[512 + 10'240 + 3] = 'Z';
  BOOST_TEST(unpack_error(damaged, scratch.path / "damaged") != "");
}

BOOST_AUTO_TEST_CASE(every_flipped_byte_of_a_header_is_survived) {
  Scratch scratch;
  const std::string good =
      tar({with_pax(file("a/b"), "mtime", "1.5"), symbolic_link("s", "a"), hardlink("h", "a/b")});
  for (std::size_t i = 0; i < good.size() - 1024; i += 7) {
    std::string bytes = good;
    bytes[i] = static_cast<char>(bytes[i] ^ static_cast<char>(1 + i % 255));
    (void)unpack_error(bytes, scratch.path / "root");
    fs::remove_all(scratch.path / "root");
  }
  BOOST_TEST(fs::is_empty(scratch.path));
}

BOOST_AUTO_TEST_SUITE_END()
