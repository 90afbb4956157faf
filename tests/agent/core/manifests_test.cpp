// SPDX-License-Identifier: Apache-2.0
// Which file owns which pod.
#include <boost/test/unit_test.hpp>

#include "agent/manifests.hpp"

using namespace podsd;
using namespace podsd::agent;

namespace {

spec::Pod pod(const std::string& name, const std::string& image = "a:1") {
  spec::Pod p;
  p.name = name;
  p.containers.resize(1);
  p.containers[0].name = "c";
  p.containers[0].image = image;
  return p;
}

FileContent good(std::vector<spec::Pod> pods) {
  return {std::move(pods), ""};
}

/// "applied default/web from a", one change a line.
std::string words(const std::vector<PodChange>& changes) {
  struct Say {
    std::string operator()(const PodApplied& c) const { return "applied " + c.key + " from " + c.path; }
    std::string operator()(const PodRefused& c) const { return "refused " + c.key + ": " + c.error; }
    std::string operator()(const PodGone& c) const { return "gone " + c.key; }
    std::string operator()(const FileRefused& c) const { return "file " + c.path + ": " + c.error; }
    std::string operator()(const PodTaken& c) const { return "taken " + c.key + " by " + c.owner; }
  };
  std::string text;
  for (const PodChange& change : changes) text += (text.empty() ? "" : "; ") + std::visit(Say{}, change);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_file_comes_changes_and_goes) {
  Manifests m;
  BOOST_TEST(words(m.update("a", good({pod("web"), pod("db")}))) ==
             "applied default/web from a; applied default/db from a");
  BOOST_TEST(words(m.update("a", good({pod("web", "a:2")}))) ==
             "applied default/web from a; gone default/db");
  BOOST_TEST(words(m.update("a", std::nullopt)) == "gone default/web");
}

BOOST_AUTO_TEST_CASE(a_bad_edit_keeps_what_runs) {
  Manifests m;
  BOOST_TEST(words(m.update("a", good({pod("web")}))) == "applied default/web from a");
  BOOST_TEST(words(m.update("a", FileContent{{pod("other")}, "a:1:1: error"})) ==
             "refused default/web: a:1:1: error");
  BOOST_TEST(words(m.update("a", good({pod("web")}))) == "applied default/web from a");
}

BOOST_AUTO_TEST_CASE(a_file_that_never_was_good_is_reported_by_itself) {
  Manifests m;
  BOOST_TEST(words(m.update("b", FileContent{{}, "b:1:1: error"})) == "file b: b:1:1: error");
  BOOST_TEST(words(m.update("b", std::nullopt)) == "");
}

BOOST_AUTO_TEST_CASE(the_first_file_keeps_the_pod_and_the_second_takes_over) {
  Manifests m;
  BOOST_TEST(words(m.update("a", good({pod("web")}))) == "applied default/web from a");
  BOOST_TEST(words(m.update("b", good({pod("web", "b:1")}))) == "taken default/web by a");
  BOOST_TEST(words(m.update("a", std::nullopt)) == "applied default/web from b");
  BOOST_TEST(words(m.update("b", std::nullopt)) == "gone default/web");
}

BOOST_AUTO_TEST_CASE(a_pod_of_an_earlier_agent_stays_with_its_file) {
  Manifests m;
  m.seed("b", pod("web"));
  BOOST_TEST(words(m.update("a", good({pod("web")}))) == "taken default/web by b");
  BOOST_TEST(words(m.update("b", FileContent{{}, "bad"})) == "refused default/web: bad");
  BOOST_TEST(m.files().size() == 2U);
  BOOST_TEST(words(m.update("b", std::nullopt)) == "applied default/web from a");
}
