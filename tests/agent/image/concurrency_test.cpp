// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <iostream>
#include <random>

#include "tests/agent/image/layout.hpp"

using namespace podsd::test;
namespace fs = std::filesystem;
using podsd::image::Store;

namespace {

constexpr int processes = 4;
constexpr int rounds = 25;

struct Fixture : Scratch {
  Fixture() {
    for (int tag = 0; tag < 3; ++tag) {
      std::vector<Entry> entries;
      for (int i = 0; i < 50; ++i) entries.push_back(file(std::to_string(i), std::to_string(tag)));
      ImageText image{.layers = {tar({file("base", "base")}), tar(entries)}};
      image.tag = std::to_string(tag);
      write_layout(path / "layout", image);
    }
  }

  /// Exits with 0 if everything that happened was success or a name that another process removed.
  [[noreturn]] void work(unsigned seed) const {
    std::mt19937 random(seed);
    const auto check = [](bool good, const char* what, const podsd::Error* error) {
      if (good) return;
      std::cerr << what << ": " << (error != nullptr ? error->message() : "") << "\n";
      _exit(1);
    };
    for (int i = 0; i < rounds; ++i) {
      auto store = Store::open(path / "store");
      check(store.has_value(), "open", store ? nullptr : &store.error());
      const std::string tag = std::to_string(random() % 3);
      const std::string name = "localhost/n:" + std::to_string(random() % 3);
      const auto image = store->import("oci:" + (path / "layout").string() + ":" + tag, name);
      check(image.has_value(), "import", image ? nullptr : &image.error());
      const std::string user = std::to_string(seed);
      if (const auto held = store->hold({*image}, user)) {
        check(slurp(image->layers.at(1) / "49") == tag, "a held layer is whole", nullptr);
        (void)store->remove(name);
        check(slurp(image->layers.at(1) / "7") == tag, "a held layer stays", nullptr);
        (void)store->release(user);
      } else {
        check(held.error().code == ENOENT, "hold", &held.error());
      }
      const auto list = store->list();
      check(list.has_value(), "list", list ? nullptr : &list.error());
      const auto found = store->find(name);
      check(found.has_value(), "find", found ? nullptr : &found.error());
    }
    _exit(0);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(concurrency, Fixture)

BOOST_AUTO_TEST_CASE(processes_import_hold_and_remove_at_once) {
  std::vector<pid_t> children;
  for (unsigned i = 0; i < processes; ++i) {
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) work(i);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(status == 0);
  }
  auto store = open_store(path / "store");
  const auto images = store.list().value();
  for (const auto& image : images) {
    BOOST_TEST(slurp(image.layers.at(0) / "base") == "base");
    BOOST_TEST(fs::exists(image.layers.at(1) / "49"));
    BOOST_REQUIRE(store.remove(image.name));
  }
  for (const char* folder : {"layers", "l", "staging", "trash", "holds", "names"})
    BOOST_TEST(fs::is_empty(path / "store" / folder), folder);
}

BOOST_AUTO_TEST_SUITE_END()
