// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include <boost/test/unit_test.hpp>

#include "spec/quantity.hpp"

namespace podsd::spec {
namespace {

constexpr std::int64_t bad = -1;

struct Case {
  std::string_view text;
  std::int64_t milli;
  std::int64_t units;
};

constexpr Case cases[] = {
    {"0", 0, 0},
    {"-0", 0, 0},
    {"1", 1000, 1},
    {"+1", 1000, 1},
    {"250m", 250, 1},
    {"1000m", 1000, 1},
    {"0.5", 500, 1},
    {".5", 500, 1},
    {"5.", 5000, 5},
    {"1.5", 1500, 2},
    {"0.0001", 1, 1},
    {"100u", 1, 1},
    {"1n", 1, 1},
    {"1000000n", 1, 1},
    {"1000001n", 2, 1},
    {"2k", 2000000, 2000},
    {"64Mi", 67108864000, 67108864},
    {"0.5Gi", 536870912000, 536870912},
    {"1.1Ki", 1126400, 1127},
    {"1M", 1000000000, 1000000},
    {"1e3", 1000000, 1000},
    {"1E3", 1000000, 1000},
    {"1e+3", 1000000, 1000},
    {"1500e-3", 1500, 2},
    {"1E", bad, 1000000000000000000},
    {"1Ei", bad, 1152921504606846976},
    {"7Ei", bad, 8070450532247928832},
    {"8Ei", bad, bad},
    {"9223372036854775807", bad, 9223372036854775807},
    {"9223372036854775808", bad, bad},
    {"1e99", bad, bad},
    {"0e99", 0, 0},
    {"1e-99", 1, 1},
    {"0.0000000000000000000000001", 1, 1},
    {"10000000000000000000000n", 10000000000000000, 10000000000000},
    {"", bad, bad},
    {"-", bad, bad},
    {".", bad, bad},
    {"m", bad, bad},
    {"-1", bad, bad},
    {"-1m", bad, bad},
    {"1.2.3", bad, bad},
    {"64MB", bad, bad},
    {"64mi", bad, bad},
    {"64K", bad, bad},
    {"1 Gi", bad, bad},
    {" 1", bad, bad},
    {"1e", bad, bad},
    {"1e3m", bad, bad},
    {"1e1001", bad, bad},
    {"1e--3", bad, bad},
    {"0x10", bad, bad},
    {"1_000", bad, bad},
};

}  // namespace

BOOST_AUTO_TEST_CASE(quantities) {
  for (const Case& c : cases) {
    BOOST_TEST_CONTEXT(c.text) {
      BOOST_TEST(parse_milli(c.text).value_or(bad) == c.milli);
      BOOST_TEST(parse_units(c.text).value_or(bad) == c.units);
    }
  }
}

BOOST_AUTO_TEST_CASE(quantity_errors_say_why) {
  BOOST_TEST(parse_units("-5").error().what == "negative");
  BOOST_TEST(parse_units("8Ei").error().what == "too large");
  BOOST_TEST(parse_units("five").error().what == "not a quantity");
}

}  // namespace podsd::spec
