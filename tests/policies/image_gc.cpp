// SPDX-License-Identifier: Apache-2.0
#include "policies/image_gc.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::policies {
namespace {

constexpr std::int64_t second = 1'000'000;

ImageUse image(const std::string& id, std::int64_t last_used) {
  return {.id = id, .names = {"docker.io/library/" + id + ":1"}, .bytes = 10, .last_used_usec = last_used};
}

std::string ids(const std::vector<ImageUse>& images) {
  std::string text;
  for (const ImageUse& one : images) text += (text.empty() ? "" : " ") + one.id;
  return text;
}

BOOST_AUTO_TEST_CASE(how_much_has_to_go) {
  struct Row {
    int high, low;
    std::uint64_t capacity, available, bytes;
  };
  const Row rows[] = {
      {85, 80, 1000, 200, 0},
      {85, 80, 1000, 160, 0},
      {85, 80, 1000, 151, 49},
      {85, 80, 1000, 150, 50},
      {85, 80, 1000, 0, 200},
      {85, 80, 0, 0, 0},
      {100, 80, 1000, 0, 0},
      {90, 0, 1000, 10, 990},
      {1, 0, 1000, 1000, 0},
      {85, 80, 1000, 5000, 0},
      // A disk whose bytes times a hundred pass 64 bits.
      {85, 80, 1ULL << 60, 0, (1ULL << 60) / 5},
  };
  for (const Row& r : rows) {
    const ImageGcConfig config{.high_percent = r.high, .low_percent = r.low};
    BOOST_TEST(bytes_to_free(config, r.capacity, r.available) == r.bytes,
               r.high << " " << r.low << " " << r.capacity << " " << r.available);
  }
}

BOOST_AUTO_TEST_CASE(when_to_look_again) {
  const ImageGcConfig config;
  BOOST_TEST(!near_threshold(config, 1000, 210));
  BOOST_TEST(near_threshold(config, 1000, 200));
  BOOST_TEST(!near_threshold({.high_percent = 100}, 1000, 0));
}

BOOST_AUTO_TEST_CASE(the_least_recently_used_goes_first) {
  std::vector<ImageUse> images{image("c", 3), image("a", 1), image("b", 2)};
  BOOST_TEST(ids(collectable(images, {}, 1000 * second)) == "a b c");
  images[0].last_used_usec = 1;  // as "a", but older
  images[0].imported_usec = -1;
  BOOST_TEST(ids(collectable(images, {}, 1000 * second)) == "c a b");
  BOOST_TEST(ids(collectable({image("y", 0), image("x", 0)}, {}, 1000 * second)) == "x y");
}

BOOST_AUTO_TEST_CASE(what_stays) {
  ImageUse used = image("used", 0), young = image("young", 0), old = image("old", 0),
           local = image("local", 0);
  used.in_use = true;
  young.imported_usec = 881 * second;
  old.imported_usec = 880 * second;
  local.names = {"docker.io/library/local:1", "localhost/local:1"};
  const std::vector<ImageUse> images{used, young, old, local};
  BOOST_TEST(ids(collectable(images, {}, 1000 * second)) == "old");
  BOOST_TEST(ids(collectable(images, {.minimum_age_usec = 0, .pinned = {}}, 1000 * second)) ==
             "local old young");
  BOOST_TEST(collectable({}, {}, 0).empty());
}

BOOST_AUTO_TEST_CASE(pins) {
  struct Row {
    const char* pattern;
    const char* name;
    bool pinned;
  };
  const Row rows[] = {
      {"localhost/*", "localhost/a:1", true},
      {"localhost/*", "docker.io/localhost/a:1", false},
      {"a:1", "a:1", true},
      {"a:1", "a:12", false},
      {"*", "a:1", true},
      {"*:1", "a:1", true},
      {"*:1", "a:1:2", false},
      {"a*b*c", "a-b-b-c", true},
      {"a*b*c", "a-b-b", false},
      {"", "a", false},
      {"a**", "a", true},
      {"*/pause:*", "registry.k8s.io/pause:3.9", true},
  };
  for (const Row& r : rows)
    BOOST_TEST(is_pinned({.pinned = {r.pattern}}, r.name) == r.pinned, r.pattern << " " << r.name);
}

}  // namespace
}  // namespace podsd::policies
