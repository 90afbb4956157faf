// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/exec_process.hpp"

#include <boost/test/unit_test.hpp>

using podsd::engine::exec_process;
using Json = nlohmann::ordered_json;

namespace {

const Json first = Json::parse(R"({"terminal": true, "consoleSize": {"height": 1, "width": 2},
  "user": {"uid": 1000, "gid": 7}, "args": ["nginx"], "env": ["A=b"], "cwd": "/srv", "noNewPrivileges": true,
  "capabilities": {"bounding": ["CAP_CHOWN"]}, "oomScoreAdj": 5})");

}  // namespace

BOOST_AUTO_TEST_SUITE(exec_processes)

BOOST_AUTO_TEST_CASE(all_but_arguments_and_terminal_is_the_first_process) {
  Json expected = first;
  expected["args"] = {"ls", "-l"};
  expected["terminal"] = false;
  expected.erase("consoleSize");
  BOOST_TEST(exec_process(first, {"ls", "-l"}, std::nullopt) == expected);
}

BOOST_AUTO_TEST_CASE(a_terminal_has_a_size_and_a_type) {
  const Json process = exec_process(first, {"sh"}, {{24, 80}});
  BOOST_TEST(process["terminal"] == true);
  BOOST_TEST(process["consoleSize"] == (Json{{"height", 24}, {"width", 80}}));
  BOOST_TEST(process["env"] == (Json{"A=b", "TERM=xterm"}));
  Json set = first;
  set["env"] = {"TERM=vt100"};
  BOOST_TEST(exec_process(set, {"sh"}, {{0, 0}})["env"] == (Json{"TERM=vt100"}));
  BOOST_TEST(!exec_process(set, {"sh"}, {{0, 0}}).contains("consoleSize"));
}

BOOST_AUTO_TEST_SUITE_END()
