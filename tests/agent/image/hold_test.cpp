// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "tests/agent/image/layout.hpp"

using namespace podsd::test;
namespace fs = std::filesystem;

namespace {

struct Fixture : Scratch {
  Fixture() {
    write_layout(path / "layout", {.layers = {tar({file("a")})}});
    image = store.import("oci:" + (path / "layout").string(), "x").value();
  }
  podsd::image::Store store = open_store(path / "store");
  podsd::image::Image image;

  bool there() const { return fs::exists(image.layers[0] / "a"); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hold, Fixture)

BOOST_AUTO_TEST_CASE(held_layers_outlive_their_name) {
  BOOST_REQUIRE(store.hold({image}, "pod/container"));
  BOOST_REQUIRE(store.remove("x"));
  BOOST_TEST(there());
  open_store(path / "store");
  BOOST_TEST(there());
  BOOST_REQUIRE(store.release("pod/container"));
  BOOST_TEST(there());
  open_store(path / "store");
  BOOST_TEST(!there());
}

BOOST_AUTO_TEST_CASE(every_holder_counts) {
  BOOST_REQUIRE(store.hold({image}, "a"));
  BOOST_REQUIRE(store.hold({image}, "b"));
  BOOST_REQUIRE(store.remove("x"));
  BOOST_REQUIRE(store.release("a"));
  open_store(path / "store");
  BOOST_TEST(there());
  BOOST_REQUIRE(store.clear_holds_except({"a", "c"}));
  open_store(path / "store");
  BOOST_TEST(!there());
}

BOOST_AUTO_TEST_CASE(holds_of_running_containers_survive_the_clearing) {
  BOOST_REQUIRE(store.hold({image}, "runs"));
  BOOST_REQUIRE(store.clear_holds_except({"runs"}));
  BOOST_REQUIRE(store.remove("x"));
  BOOST_TEST(there());
}

BOOST_AUTO_TEST_CASE(what_has_gone_cannot_be_held) {
  BOOST_REQUIRE(store.remove("x"));
  BOOST_TEST(store.hold({image}, "late").error().code == ENOENT);
  BOOST_TEST(fs::is_empty(path / "store/holds"));
  BOOST_TEST(store.release("never").has_value());
}

BOOST_AUTO_TEST_CASE(a_user_name_is_no_path) {
  for (const std::string user : {"../../escape", ".", "..", "", "/etc/x"}) {
    BOOST_REQUIRE(store.hold({image}, user));
    BOOST_REQUIRE(store.release(user));
  }
  BOOST_TEST(fs::is_empty(path / "store/holds"));
  BOOST_TEST(!fs::exists(path / "escape"));
}

BOOST_AUTO_TEST_SUITE_END()
