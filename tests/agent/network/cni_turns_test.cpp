// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/turns.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::network::cni {
namespace {

/// Operations that note their begin, and end when the test says so.
struct Stage {
  Turns turns;
  std::string log;
  std::map<std::string, std::function<void()>> ends;

  void run(const std::string& pod, const std::string& what) {
    turns.run(pod, [this, what](std::function<void()> ended) {
      log += what + " ";
      ends[what] = std::move(ended);
    });
  }
  void run_alone() {
    turns.run_alone(
        [this](std::function<void()> ended) {
          log += "GC ";
          ends["GC"] = std::move(ended);
        },
        [this] { log += "cancel "; });
  }
  void end(const std::string& what) {
    const auto ended = ends.extract(what);
    BOOST_REQUIRE(!ended.empty());
    ended.mapped()();
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cni_turns)

BOOST_AUTO_TEST_CASE(one_at_a_time_for_a_pod_and_several_for_several) {
  Stage stage;
  stage.run("a", "a1");
  stage.run("a", "a2");
  stage.run("b", "b1");
  stage.run("a", "a3");
  BOOST_TEST(stage.log == "a1 b1 ");
  stage.end("a1");
  BOOST_TEST(stage.log == "a1 b1 a2 ");
  stage.end("b1");
  stage.end("a2");
  stage.end("a3");
  BOOST_TEST(stage.log == "a1 b1 a2 a3 ");
}

BOOST_AUTO_TEST_CASE(one_alone_waits_for_all) {
  Stage stage;
  stage.run("a", "a1");
  stage.run_alone();
  stage.run("b", "b1");
  stage.end("a1");
  BOOST_TEST(stage.log == "a1 b1 ");
  stage.end("b1");
  BOOST_TEST(stage.log == "a1 b1 GC ");
  stage.end("GC");
  stage.run("a", "a2");
  BOOST_TEST(stage.log == "a1 b1 GC a2 ");
  stage.end("a2");
  BOOST_TEST(stage.log == "a1 b1 GC a2 ");
}

BOOST_AUTO_TEST_CASE(one_alone_gives_way_and_comes_again) {
  Stage stage;
  stage.run_alone();
  stage.run("a", "a1");
  stage.run("b", "b1");
  BOOST_TEST(stage.log == "GC cancel ");
  stage.end("GC");
  BOOST_TEST(stage.log == "GC cancel a1 b1 ");
  stage.end("a1");
  stage.end("b1");
  BOOST_TEST(stage.log == "GC cancel a1 b1 GC ");
  stage.end("GC");
  BOOST_TEST(stage.log == "GC cancel a1 b1 GC ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::network::cni
