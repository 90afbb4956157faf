// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <map>
#include <random>

#include "agent/image/digest.hpp"
#include "agent/image/verify.hpp"
#include "tests/agent/image/layout.hpp"
#include "tests/agent/image/memory_reader.hpp"

using namespace podsd::test;
namespace fs = std::filesystem;

namespace {

constexpr int kills = 30;
constexpr auto deadline = std::chrono::seconds(10);

std::string many_files(const std::string& seed) {
  std::vector<Entry> entries;
  for (int i = 0; i < 7; ++i) entries.push_back(folder(std::to_string(i)));
  for (int i = 0; i < 60; ++i)
    entries.push_back(file(std::to_string(i % 7) + "/" + std::to_string(100 + i), seed));
  return tar(entries);
}

/// Two images with a layer in common, and what each layer looks like when it is whole.
struct Fixture : Scratch {
  Fixture() {
    const std::string base = many_files("base");
    for (const std::string tag : {"1", "2"}) {
      ImageText image{.layers = {base, many_files(tag)}};
      image.tag = tag;
      write_layout(path / "layout", image);
      for (const auto& layer : image.layers)
        whole[podsd::image::sha256_hex(layer).substr(0, 8)] = expected(layer);
    }
  }

  std::vector<std::string> expected(const std::string& layer) const {
    const fs::path root = path / "expected";
    fs::remove_all(root);
    BOOST_REQUIRE(unpack_error(layer, root).empty());
    return describe(root);
  }

  std::string source(const std::string& tag) const { return "oci:" + (path / "layout").string() + ":" + tag; }

  /// Works on the store until it is killed.
  [[noreturn]] void work() const {
    for (int i = 0;; ++i) {
      auto store = podsd::image::Store::open(path / "store");
      if (!store) _exit(1);
      (void)store->import(source("1"), "localhost/moving:1");
      (void)store->import(source("2"), "localhost/moving:1");
      (void)store->import(source("1"), "localhost/coming:1");
      (void)store->remove("localhost/coming:1");
      if (i % 3 == 0) (void)store->remove("localhost/moving:1");
    }
  }

  /// The process that unpacks dies with its parent, but not at the same time; its workspace stays until then.
  podsd::image::Store reopen() const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (true) {
      auto store = open_store(path / "store");
      if (fs::is_empty(path / "store/staging") || std::chrono::steady_clock::now() > end) return store;
      ::usleep(1000);
    }
  }

  void check(const podsd::image::Store& store) const {
    const auto verified = podsd::image::verify(store);
    BOOST_REQUIRE_MESSAGE(verified, message_of(verified));
    for (const auto& damage : verified->damage) BOOST_ERROR(damage.what);
    std::size_t used = 0;
    std::map<std::string, int> links;
    const auto images = store.list();
    BOOST_REQUIRE_MESSAGE(images, message_of(images));
    for (const auto& image : *images)
      for (const auto& layer : image.layers) {
        used += links[layer.filename()]++ == 0;
        BOOST_TEST(describe(layer) == whole.at(layer.filename()));
      }
    const auto stored = std::distance(fs::directory_iterator(path / "store/layers"), {});
    BOOST_TEST(static_cast<std::size_t>(stored) == used);
    BOOST_TEST((fs::is_empty(path / "store/staging") && fs::is_empty(path / "store/trash")));
  }

  std::map<std::string, std::vector<std::string>> whole;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(crash, Fixture)

BOOST_AUTO_TEST_CASE(a_killed_import_leaves_the_old_or_the_new_state) {
  std::mt19937 random(20);
  const auto begin = std::chrono::steady_clock::now();
  int done = 0;
  while (done < kills && std::chrono::steady_clock::now() - begin < deadline) {
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) work();
    ::usleep(std::uniform_int_distribution<useconds_t>(500, 120'000)(random));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(WIFSIGNALED(status));
    check(reopen());
    ++done;
  }
  BOOST_TEST(done >= 10, "only " << done << " kills in time");
  auto store = open_store(path / "store");
  const auto image = store.import(source("1"), "localhost/after:1");
  BOOST_REQUIRE_MESSAGE(image, message_of(image));
  check(store);
}

BOOST_AUTO_TEST_SUITE_END()
