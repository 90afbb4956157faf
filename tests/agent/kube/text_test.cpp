// SPDX-License-Identifier: Apache-2.0
#include "agent/kube/text.hpp"

#include <boost/test/unit_test.hpp>

using namespace podsd::kube;

BOOST_AUTO_TEST_CASE(times_in_utc) {
  BOOST_CHECK_EQUAL(time_text(0), "1970-01-01T00:00:00Z");
  BOOST_CHECK_EQUAL(time_text(1'709'210'096'999'999), "2024-02-29T12:34:56Z");
  BOOST_CHECK_EQUAL(time_text(-1), "1969-12-31T23:59:59Z");
  BOOST_CHECK_EQUAL(micro_time_text(1'709'210'096'000'042), "2024-02-29T12:34:56.000042Z");
}

BOOST_AUTO_TEST_CASE(times_are_read_back) {
  for (const std::int64_t time : {0LL, 1'709'210'096'000'042LL, 4'102'444'799'999'999LL}) {
    BOOST_CHECK_EQUAL(parse_time(micro_time_text(time)).value(), time);
    BOOST_CHECK_EQUAL(parse_time(time_text(time)).value(), time - time % 1'000'000);
  }
}

BOOST_AUTO_TEST_CASE(other_times_are_refused) {
  for (const char* text : {"", "2024", "2024-02-30T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
                           "2024-01-01 00:00:00Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00Zx",
                           "2024-01-01T00:00:00.1Z", "-024-01-01T00:00:00Z", "2024-01-01T00:00:00+02:00"}) {
    BOOST_CHECK_MESSAGE(!parse_time(text), text);
  }
}

BOOST_AUTO_TEST_CASE(quantities_in_canonical_form) {
  BOOST_CHECK_EQUAL(cpu_text(250), "250m");
  BOOST_CHECK_EQUAL(cpu_text(2000), "2");
  BOOST_CHECK_EQUAL(cpu_text(1500), "1500m");
  BOOST_CHECK_EQUAL(cpu_text(0), "0");
  BOOST_CHECK_EQUAL(bytes_text(0), "0");
  BOOST_CHECK_EQUAL(bytes_text(1), "1");
  BOOST_CHECK_EQUAL(bytes_text(1001), "1001");
  BOOST_CHECK_EQUAL(bytes_text(64LL << 20), "64Mi");
  BOOST_CHECK_EQUAL(bytes_text(1536LL << 20), "1536Mi");
  BOOST_CHECK_EQUAL(bytes_text(3LL << 30), "3Gi");
  BOOST_CHECK_EQUAL(bytes_text(1'000'000'000), "1G");
  BOOST_CHECK_EQUAL(bytes_text(1'024'000), "1000Ki");
  BOOST_CHECK_EQUAL(bytes_text(INT64_MAX), "9223372036854775807");
}

BOOST_AUTO_TEST_CASE(utf8_keeps_what_is_well_formed) {
  const std::string mark = "\xEF\xBF\xBD";
  for (const char* good :
       {"", "plain", "gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xf0\x9f\x90\xb3", "\xf4\x8f\xbf\xbf"}) {
    BOOST_CHECK_EQUAL(utf8_text(good), good);
  }
  BOOST_CHECK_EQUAL(utf8_text("\xff"), mark);
  BOOST_CHECK_EQUAL(utf8_text("a\xc3"), "a" + mark);
  BOOST_CHECK_EQUAL(utf8_text("\xc0\xaf"), mark + mark);             // overlong
  BOOST_CHECK_EQUAL(utf8_text("\xed\xa0\x80"), mark + mark + mark);  // surrogate
  BOOST_CHECK_EQUAL(utf8_text("\xf4\x90\x80\x80z"), mark + mark + mark + mark + "z");
  BOOST_CHECK_EQUAL(utf8_text("\xe2\x28\xa1"), mark + "(" + mark);
}
