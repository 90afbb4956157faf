// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "agent/cli/images.hpp"
#include "agent/cli/pull_line.hpp"
#include "tests/agent/cli/fake_agent.hpp"

using namespace podsd::cli;
using podsd::cli::test::FakeAgent;
using podsd::cli::test::Screen;

BOOST_AUTO_TEST_SUITE(image_pull_command)

BOOST_AUTO_TEST_CASE(a_terminal_shows_how_far_it_is) {
  FakeAgent agent;
  Screen screen;
  screen.terminal.err_redraws = true;
  BOOST_TEST(image_pull({"a:1"}, agent.connect(), screen.terminal) == Exit::done);
  BOOST_TEST(agent.calls.back() == "PullImage a:1 (progress)");
  BOOST_TEST(
      screen.err.str() ==
      "\rpulling a:1\x1B[K\rpulling a:1: 1.05MB of 73.4MB\x1B[K\rpulling a:1: unpacking\x1B[K\r\x1B[K");
  BOOST_TEST(screen.out.str() == "docker.io/library/a:1 sha256:1 3B\n");
}

BOOST_AUTO_TEST_CASE(elsewhere_only_the_result_is_said) {
  FakeAgent agent;
  Screen screen;
  screen.terminal.err_colour = true;
  BOOST_TEST(image_pull({"a:1"}, agent.connect(), screen.terminal) == Exit::done);
  BOOST_TEST(agent.calls.back() == "PullImage a:1");
  BOOST_TEST(screen.err.str() == "");
}

BOOST_AUTO_TEST_CASE(what_is_told_is_shown_in_units) {
  BOOST_TEST(pull_text("a", "", 80) == "pulling a");
  BOOST_TEST(pull_text("a", "999 bytes", 80) == "pulling a: 999B");
  BOOST_TEST(pull_text("a", "0 of 1000 bytes", 80) == "pulling a: 0B of 1.00kB");
  BOOST_TEST(pull_text("a", "12 monkeys", 80) == "pulling a: 12 monkeys");
  BOOST_TEST(pull_text("a", "12 of x bytes", 80) == "pulling a: 12 of x bytes");
  BOOST_TEST(pull_text("abc", "unpacking", 10) == "pulling ab");
}

BOOST_AUTO_TEST_SUITE_END()
