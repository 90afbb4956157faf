// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/duration.hpp"

#include <boost/test/unit_test.hpp>

using namespace podsd::cli;

BOOST_AUTO_TEST_CASE(ages_as_kubectl_shows_them) {
  constexpr std::int64_t m = 60;
  constexpr std::int64_t h = 60 * m;
  constexpr std::int64_t d = 24 * h;
  constexpr std::int64_t y = 365 * d;
  const struct {
    std::int64_t seconds;
    const char* text;
  } cases[] = {
      {-5, "0s"},
      {0, "0s"},
      {119, "119s"},
      {120, "2m"},
      {125, "2m5s"},
      {599, "9m59s"},
      {600, "10m"},
      {601, "10m"},
      {179 * m, "179m"},
      {3 * h, "3h"},
      {3 * h + 4 * m, "3h4m"},
      {8 * h - 1, "7h59m"},
      {8 * h + 5 * m, "8h"},
      {47 * h, "47h"},
      {2 * d, "2d"},
      {2 * d + 3 * h, "2d3h"},
      {8 * d, "8d"},
      {2 * y - 1, "729d"},
      {2 * y, "2y"},
      {2 * y + 5 * d, "2y5d"},
      {8 * y + 3 * d, "8y"},
  };
  for (const auto& c : cases) BOOST_CHECK_EQUAL(age_text(c.seconds * 1'000'000), c.text);
}

BOOST_AUTO_TEST_CASE(durations_are_read) {
  const struct {
    const char* text;
    std::int64_t microseconds;
  } cases[] = {{"5m", 300'000'000},
               {"1h30m", 5'400'000'000},
               {"1.5h", 5'400'000'000},
               {"250ms", 250'000},
               {"90s", 90'000'000},
               {"2d", 172'800'000'000},
               {"0s", 0},
               {"10us", 10},
               {"1m1s1ms", 61'001'000},
               {".5s", 500'000}};
  for (const auto& c : cases) {
    const auto got = parse_duration(c.text);
    BOOST_REQUIRE_MESSAGE(got, c.text);
    BOOST_CHECK_EQUAL(*got, c.microseconds);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_duration_is_refused) {
  for (const char* text :
       {"", "5", "m", "-5m", "5x", "5m ", " 5m", "1e3s", "inf", "nans", "1h-5m", "99999999h"}) {
    BOOST_CHECK_MESSAGE(!parse_duration(text), text);
  }
}
