// SPDX-License-Identifier: Apache-2.0
#include "agent/network/leases.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "agent/os/files.hpp"

namespace podsd::network {
namespace {

namespace fs = std::filesystem;

const std::vector ranges{spec::parse_prefix("192.0.2.0/29").value(), spec::parse_prefix("fd00::/64").value()};

struct Folder {
  Folder() {
    char name[] = "/tmp/podsd-leases-XXXXXX";
    BOOST_REQUIRE(::mkdtemp(name) != nullptr);
    dir = name;
  }
  ~Folder() { fs::remove_all(dir); }
  [[nodiscard]] Leases leases() const {
    Leases leases(dir / "network.json");
    BOOST_REQUIRE(leases.load());
    return leases;
  }
  [[nodiscard]] std::string loaded(const std::string& text) const {
    std::ofstream(dir / "network.json") << text;
    const auto result = Leases(dir / "network.json").load();
    return result ? "" : result.error().what;
  }
  fs::path dir;
};

std::string first(Leases& leases, const std::string& pod) {
  const auto lease = leases.take(pod, ranges);
  return lease ? spec::to_string(lease->addresses.front().address) : lease.error().message();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(leases)

BOOST_FIXTURE_TEST_CASE(each_pod_has_its_own, Folder) {
  Leases all = leases();
  BOOST_TEST(first(all, "a") == "192.0.2.2");
  BOOST_TEST(first(all, "b") == "192.0.2.3");
  BOOST_TEST(first(all, "a") == "192.0.2.2");
  BOOST_TEST(all.find("b")->number == 3U);
  BOOST_TEST((all.find("c") == nullptr));
}

BOOST_FIXTURE_TEST_CASE(they_outlive_the_agent, Folder) {
  Leases before = leases();
  BOOST_TEST(first(before, "a") == "192.0.2.2");
  BOOST_REQUIRE(before.keep_ranges(ranges));
  Leases after = leases();
  BOOST_TEST((after.chosen_ranges() == ranges));
  BOOST_TEST((after.all() == before.all()));
  BOOST_TEST(first(after, "b") == "192.0.2.3");
}

BOOST_FIXTURE_TEST_CASE(an_address_rests_before_it_is_given_again, Folder) {
  Leases all = leases();
  BOOST_TEST(first(all, "a") == "192.0.2.2");
  BOOST_REQUIRE(all.free("a"));
  Leases later = leases();
  BOOST_TEST(first(later, "a") == "192.0.2.3");
  for (const char* pod : {"b", "c", "d"}) BOOST_REQUIRE(later.take(pod, ranges));
  BOOST_TEST(first(later, "e") == "192.0.2.2");
  BOOST_TEST(first(later, "f") == "no address is left for another pod (network of podsd.yaml)");
}

BOOST_FIXTURE_TEST_CASE(another_range_gives_another_address, Folder) {
  Leases all = leases();
  BOOST_TEST(first(all, "a") == "192.0.2.2");
  const std::vector other{spec::parse_prefix("198.51.100.0/24").value()};
  BOOST_TEST(spec::to_string(all.take("a", other).value().addresses.front()) == "198.51.100.3/24");
}

BOOST_FIXTURE_TEST_CASE(nothing_is_given_that_cannot_be_kept, Folder) {
  Leases all = leases();
  fs::remove_all(dir);
  BOOST_TEST(!all.take("a", ranges));
  BOOST_TEST((all.find("a") == nullptr));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_record_is_an_error, Folder) {
  const std::string good =
      R"({"ranges": [], "last": 3, "pods": {"a": {"number": 2, "addresses": ["192.0.2.2/29"]}}})";
  BOOST_TEST(loaded(good) == "");
  const auto with = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const auto& bad : {std::string("{"), std::string("[]"), with("\"pods\"", "\"pod\""),
                          with("[\"192.0.2.2/29\"]", "[]"), with("192.0.2.2/29", "192.0.2.3/29"),
                          with("192.0.2.2/29", "192.0.2.2"), with("\"number\": 2", "\"number\": -2"),
                          with("\"last\": 3", "\"last\": \"3\""), with("\"ranges\": []", "\"ranges\": [1]"),
                          with("}}}", R"(}, "b": {"number": 2, "addresses": ["192.0.2.2/29"]}}})")})
    BOOST_TEST(loaded(bad) == "the record of the pods' addresses is damaged", bad);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::network
