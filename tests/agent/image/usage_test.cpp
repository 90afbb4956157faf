// SPDX-License-Identifier: Apache-2.0
// Names, uses, damage, and what removal frees.
#include "agent/image/usage.hpp"

#include <boost/test/unit_test.hpp>

#include "agent/image/documents.hpp"
#include "agent/image/verify.hpp"
#include "tests/agent/image/layout.hpp"

using namespace podsd::test;
namespace fs = std::filesystem;
namespace image = podsd::image;

namespace {

struct Fixture : Scratch {
  image::Store store = open_store(path / "store");

  image::Image add(const std::string& name, const std::string& data) {
    write_layout(path / name, {.layers = {tar({file("a", data)})}});
    auto added = store.import("oci:" + (path / name).string() + ":1", name + ":1");
    BOOST_REQUIRE_MESSAGE(added, message_of(added));
    return *added;
  }

  podsd::policies::ImageUse use_of(const std::string& name, const std::set<std::string>& named = {}) const {
    const auto uses = image::image_uses(store, named);
    BOOST_REQUIRE(uses);
    for (const auto& use : *uses)
      for (const auto& one : use.names)
        if (one == "docker.io/library/" + name + ":1") return use;
    BOOST_FAIL("no such image: " << name);
    return {};
  }

  /// As if it had come an hour ago.
  void age(const std::string& name) const {
    fs::last_write_time(store.names_dir() / ("docker.io%library%" + name + ":1.json"),
                        fs::file_time_type::clock::now() - std::chrono::hours(1));
  }

  std::string damage() const {
    const auto verified = image::verify(store);
    BOOST_REQUIRE_MESSAGE(verified, message_of(verified));
    std::string text;
    for (const auto& one : verified->damage) text += one.what + "\n";
    return text;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(usage, Fixture)

BOOST_AUTO_TEST_CASE(a_tag_is_another_name_of_the_same_image) {
  const auto first = add("web", "one");
  BOOST_REQUIRE(store.tag("web:1", "localhost/other:2"));
  const auto found = store.find("localhost/other:2");
  BOOST_REQUIRE((found && *found));
  BOOST_TEST((*found)->id == first.id);
  BOOST_TEST((*found)->layers == first.layers);
  const auto documents = image::read_documents(store, "web:1");
  BOOST_REQUIRE(documents);
  BOOST_TEST(documents->names.size() == 2u);
  BOOST_REQUIRE(store.remove("web:1"));
  BOOST_TEST(fs::exists(first.layers[0] / "a"));
  BOOST_TEST(store.tag("web:1", "x").error().code == ENOENT);
  BOOST_TEST(!store.tag("localhost/other:2", "x@sha256:" + std::string(64, '0')));
  BOOST_TEST(damage() == "");
}

BOOST_AUTO_TEST_CASE(who_uses_an_image) {
  const auto web = add("web", "one");
  add("db", "two");
  BOOST_TEST(!use_of("web").in_use);
  BOOST_TEST(use_of("web", {"web:1"}).in_use);
  BOOST_TEST(!use_of("db", {"web:1", "none:1", "not a NAME"}).in_use);
  age("web");
  const auto before = use_of("web").last_used_usec;
  BOOST_REQUIRE(store.hold({web}, "container"));
  BOOST_TEST(use_of("web").in_use);
  BOOST_TEST(!use_of("db").in_use);
  BOOST_TEST(use_of("web").last_used_usec > before);
  age("web");
  BOOST_REQUIRE(store.release("container"));
  BOOST_TEST(!use_of("web").in_use);
  BOOST_TEST(use_of("web").last_used_usec > before);
}

BOOST_AUTO_TEST_CASE(removal_goes_by_image_and_stops_in_time) {
  add("web", "one");
  add("db", "two");
  BOOST_REQUIRE(store.tag("web:1", "more:1"));
  std::string removed;
  const auto tell = [&](const podsd::policies::ImageUse& use) { removed += use.names.front() + " "; };
  BOOST_REQUIRE(image::remove_images(store, {use_of("web"), use_of("db")}, 0, tell));
  BOOST_TEST(removed == "");
  BOOST_REQUIRE(image::remove_images(store, {use_of("web")}, UINT64_MAX, tell));
  BOOST_TEST(removed == "docker.io/library/more:1 ");
  BOOST_TEST(store.list().value().size() == 1u);
  BOOST_TEST(std::distance(fs::directory_iterator(path / "store/blobs"), {}) == 3);
}

BOOST_AUTO_TEST_CASE(every_kind_of_damage_is_seen) {
  const auto web = add("web", "one");
  BOOST_TEST(damage() == "");
  const fs::path blobs = path / "store/blobs", tree = fs::canonical(web.layers[0]);
  const auto id = web.id.substr(7);
  const std::string text = slurp(blobs / id);
  spill(blobs / id, text + " ");
  BOOST_TEST(damage().find("blob sha256:" + id + ": its bytes") == 0u);
  fs::remove(blobs / id);
  BOOST_TEST(damage() == "blob sha256:" + id + ": missing\n");
  spill(blobs / id, text);
  BOOST_TEST(damage() == "");
  const auto time = fs::last_write_time(tree / "a");
  spill(tree / "a", "One");
  fs::last_write_time(tree / "a", time);
  BOOST_TEST(damage().find(": its files are not what was unpacked") != std::string::npos);
  spill(tree / "a", "one");
  fs::last_write_time(tree / "a", time);
  BOOST_TEST(damage() == "");
  fs::permissions(tree / "a", fs::perms::owner_exec, fs::perm_options::add);
  BOOST_TEST(damage() != "");
  fs::remove(tree.parent_path() / "info");
  BOOST_TEST(damage().find("not complete") != std::string::npos);
  fs::remove_all(tree.parent_path());
  BOOST_TEST(damage().find("layer sha256:" + tree.parent_path().filename().string() + ": missing") == 0u);
  spill(store.names_dir() / "docker.io%library%web:1.json", "{");
  BOOST_TEST(damage().find("names/docker.io%library%web:1.json: ") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
