// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/id_ranges.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "agent/os/files.hpp"

namespace podsd::engine {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    char name[] = "/tmp/podsd-id-ranges-XXXXXX";
    BOOST_REQUIRE(::mkdtemp(name) != nullptr);
    dir = name;
  }
  ~Folder() { fs::remove_all(dir); }
  [[nodiscard]] IdRanges ranges(std::uint32_t pods = 3) const {
    return IdRanges(dir / "ids", {65536, pods}, dir);
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(dir / name) << text; }
  fs::path dir;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(id_ranges)

BOOST_FIXTURE_TEST_CASE(each_sandbox_has_its_own, Folder) {
  auto ids = ranges();
  BOOST_TEST(ids.take("a").value() == 65536U);
  BOOST_TEST(ids.take("b").value() == 131072U);
  BOOST_TEST(ids.take("a").value() == 65536U);
  BOOST_TEST(ids.find("b") == 131072U);
  BOOST_TEST(ids.find("c") == 0U);
  BOOST_TEST(ids.peek("c").value() == 196608U);
  BOOST_TEST(ids.find("c") == 0U);
}

BOOST_FIXTURE_TEST_CASE(they_outlive_the_agent, Folder) {
  BOOST_TEST(ranges().take("a").value() == 65536U);
  BOOST_TEST(ranges().take("b").value() == 131072U);
  auto later = ranges();
  BOOST_TEST((later.sandboxes() == std::set<std::string>{"a", "b"}));
  BOOST_TEST(later.find("a") == 65536U);
  BOOST_REQUIRE(later.free("a"));
  BOOST_TEST(ranges().take("c").value() == 65536U);
}

BOOST_FIXTURE_TEST_CASE(they_come_to_an_end, Folder) {
  auto ids = ranges(2);
  BOOST_REQUIRE(ids.take("a"));
  BOOST_REQUIRE(ids.take("b"));
  const auto third = ids.take("c");
  BOOST_REQUIRE(!third);
  BOOST_TEST(
      third.error().message() ==
      "no user ids are left for another pod with hostUsers: false (userNamespaces of podsd.yaml: 2 pods "
      "from 65536 on)");
  BOOST_REQUIRE(ids.free("b"));
  BOOST_TEST(ids.take("c").value() == 131072U);
}

BOOST_FIXTURE_TEST_CASE(what_is_somebodys_is_left_out, Folder) {
  write("subuid", "alice:100000:65536\npodsd:262144:65536\n");  // reaches into the second range
  write("group", "far:x:196700:\n");
  BOOST_TEST(ranges(4).take("a").value() == 262144U);
  BOOST_TEST(!ranges(3).take("b"));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_record_gives_nothing_away, Folder) {
  for (const char* text : {"", "[]", "{\"a\": 1}", "{\"a\": 65536, \"b\": 65536}", "{\"a\": -65536}",
                           "{\"a\": 0}", "{\"a\": 4294901760}"}) {
    write("ids", text);
    const auto taken = ranges().take("c");
    BOOST_REQUIRE(!taken);
    BOOST_TEST(taken.error().message().starts_with("the record of the pods' user ids is damaged"));
    BOOST_TEST(os::read_file(dir / "ids").value() == text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::engine
