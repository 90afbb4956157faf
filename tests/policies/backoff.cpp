// SPDX-License-Identifier: Apache-2.0
#include "policies/backoff.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <vector>

namespace podsd::policies {
namespace {

constexpr std::int64_t second = 1'000'000;

/// The delays, in seconds, of a container that ends again and again after `ran` seconds each.
std::vector<double> delays(const BackoffConfig& config, const std::vector<std::int64_t>& ran,
                           Backoff memory = {}) {
  std::vector<double> out;
  for (const std::int64_t seconds : ran) {
    const Delay d = next_delay(memory, config, seconds * second);
    out.push_back(static_cast<double>(d.usec) / second);
    memory = d.next;
  }
  return out;
}

void same(const std::vector<double>& got, const std::vector<double>& want) {
  BOOST_TEST(got == want, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(kubelet_s_sequence) {
  same(delays({}, std::vector<std::int64_t>(9, 1)), {0, 10, 20, 40, 80, 160, 300, 300, 300});
}

BOOST_AUTO_TEST_CASE(ten_minutes_of_running_forget_it) {
  same(delays({}, {1, 1, 1, 599, 600, 1, 1}), {0, 10, 20, 40, 0, 10, 20});
}

BOOST_AUTO_TEST_CASE(a_long_first_run_counts_as_the_first_failure) {
  same(delays({}, {3600, 1}), {0, 10});
}

BOOST_AUTO_TEST_CASE(configured) {
  const BackoffConfig config{
      .first_usec = second / 2, .factor = 3, .cap_usec = 10 * second, .reset_usec = 5 * second};
  same(delays(config, {1, 1, 1, 1, 1, 1, 5, 1}), {0, 0.5, 1.5, 4.5, 10, 10, 0, 0.5});
}

BOOST_AUTO_TEST_CASE(factor_one_is_constant) {
  same(delays({.first_usec = 2 * second, .factor = 1}, {1, 1, 1, 1}), {0, 2, 2, 2});
}

BOOST_AUTO_TEST_CASE(a_factor_below_one_never_goes_under_the_first_delay) {
  same(delays({.first_usec = 2 * second, .factor = 0.1}, {1, 1, 1}), {0, 2, 2});
}

BOOST_AUTO_TEST_CASE(a_cap_below_the_first_delay_wins) {
  same(delays({.first_usec = 10 * second, .cap_usec = 3 * second}, {1, 1, 1}), {0, 3, 3});
}

BOOST_AUTO_TEST_CASE(a_clock_that_went_back_does_not_forget) {
  same(delays({}, {1, -500, -500}), {0, 10, 20});
}

BOOST_AUTO_TEST_CASE(huge_factor_stays_at_the_cap) {
  same(delays({.factor = std::numeric_limits<double>::max()}, {1, 1, 1, 1}), {0, 10, 300, 300});
}

}  // namespace
}  // namespace podsd::policies
