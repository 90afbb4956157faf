// SPDX-License-Identifier: Apache-2.0
#include "units/names.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>
#include <vector>

namespace podsd::units {
namespace {

BOOST_AUTO_TEST_CASE(examples_of_the_design) {
  BOOST_TEST(root_slice == "pods.slice");
  BOOST_TEST(pod_slice("default", "web") == "pods-web.slice");
  BOOST_TEST(sandbox_scope("default", "web") == "pods-web.scope");
  BOOST_TEST(container_scope("default", "web", "nginx") == "pods-web-nginx.scope");
  BOOST_TEST(container_scope("default", "my-app", "api") == "pods-my_app-api.scope");
  BOOST_TEST(container_scope("team-a", "web", "nginx") == "pods-team_a:web-nginx.scope");
}

BOOST_AUTO_TEST_CASE(stems) {
  BOOST_TEST(pod_stem("default", "web") == "pods-web");
  BOOST_TEST(pod_stem("team-a", "web") == "pods-team_a:web");
  BOOST_TEST(pod_stem("default", "a.b-c") == "pods-a.b_c");
}

/// What systemd takes: unit_name_is_valid() and, for slices, slice_name_is_valid().
bool legal(const std::string& unit) {
  const auto allowed = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view(":-_.\\").contains(c);
  };
  const std::string stem = unit.substr(0, unit.rfind('.'));
  const bool slice = unit.ends_with(".slice");
  return unit.size() <= 255 && std::ranges::all_of(unit, allowed) &&
         !(slice && (stem.contains("--") || stem.ends_with('-') || stem.starts_with('-')));
}

BOOST_AUTO_TEST_CASE(mapping_keeps_tricky_names_apart) {
  const std::vector<std::string> words = {"a",     "b",       "a-b",  "a.b",    "b-a",
                                          "a--b",  "default", "pods", "slice",  "scope",
                                          "a-b-c", "a.scope", "x--y", "team-a", "team"};
  std::set<std::string> seen;
  std::size_t made = 0;
  const auto take = [&](const std::string& unit) {
    BOOST_TEST(legal(unit), unit);
    BOOST_TEST(seen.insert(unit).second, unit << " is made twice");
    ++made;
  };
  for (const std::string& ns : words)
    for (const std::string& pod : words) {
      take(pod_slice(ns, pod));
      take(sandbox_scope(ns, pod));
      for (const std::string& container : words) take(container_scope(ns, pod, container));
    }
  BOOST_TEST(made == words.size() * words.size() * (words.size() + 2));
}

BOOST_AUTO_TEST_CASE(long_names_are_cut_and_stay_apart) {
  const std::string ns(63, 'n');
  const std::string container(63, 'c');
  std::set<std::string> seen;
  // The longest pod name is 253 bytes; these differ in their last byte only, or in their length.
  for (std::size_t length = 100; length <= 253; ++length)
    for (const char last : {'x', 'y'}) {
      const std::string pod = std::string(length - 1, 'p') + last;
      for (const std::string& unit :
           {pod_slice(ns, pod), sandbox_scope(ns, pod), container_scope(ns, pod, container),
            container_scope(ns, pod, container.substr(1) + "d"), pod_slice("default", pod)}) {
        BOOST_TEST(legal(unit), unit);
        BOOST_TEST(seen.insert(unit).second, unit << " is made twice");
      }
    }
}

BOOST_AUTO_TEST_CASE(the_last_length_that_is_not_cut) {
  const std::string fits(255 - 11, 'p');  // pods- and .slice
  BOOST_TEST(pod_slice("default", fits) == "pods-" + fits + ".slice");
  const std::string cut = pod_slice("default", fits + "p");
  BOOST_TEST(cut.size() == 255U);
  BOOST_TEST(cut.contains(".."));
  BOOST_TEST(cut.ends_with(".slice"));
}

BOOST_AUTO_TEST_CASE(cutting_is_the_same_every_time) {
  const std::string pod(253, 'p');
  BOOST_TEST(container_scope("team", pod, "app") == container_scope("team", pod, "app"));
}

}  // namespace
}  // namespace podsd::units
