// SPDX-License-Identifier: Apache-2.0
#include "policies/cgroup.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "tests/policies/pods.hpp"

namespace podsd::policies {
namespace {

using namespace podsd::tests;

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

BOOST_AUTO_TEST_CASE(quota_is_100_usec_per_milli_cpu_and_at_least_1_ms) {
  const std::pair<std::int64_t, std::uint64_t> rows[] = {
      {0, 1000},  {1, 1000},     {9, 1000},       {10, 1000},
      {11, 1100}, {250, 25'000}, {1000, 100'000}, {4000, 400'000},
  };
  for (const auto& [milli, usec] : rows) BOOST_TEST_CONTEXT(milli) BOOST_TEST(cpu_quota_usec(milli) == usec);
}

BOOST_AUTO_TEST_CASE(quota_of_absurd_limits_does_not_wrap) {
  BOOST_TEST(cpu_quota_usec(largest) >= cpu_quota_usec(1'000'000'000));
  // systemd wants it per second: ten times as much must still fit.
  BOOST_TEST(cpu_quota_usec(largest) <= std::numeric_limits<std::uint64_t>::max() / 10);
}

BOOST_AUTO_TEST_CASE(weight_of_requests) {
  const std::pair<std::int64_t, std::uint64_t> rows[] = {
      {0, 1},
      {1, 1},
      {2, 1},
      {3, 2},
      {100, 17},
      {250, 35},
      {500, 59},
      {1000, 100},
      {4000, 303},
      {256'000, 10'000},
      {1'000'000, 10'000},
      {largest, 10'000},
  };
  for (const auto& [milli, weight] : rows) BOOST_TEST_CONTEXT(milli) BOOST_TEST(cpu_weight(milli) == weight);
}

BOOST_AUTO_TEST_CASE(weight_grows_with_the_request_and_stays_in_range) {
  std::uint64_t before = 1;
  for (std::int64_t milli = 0; milli < 300'000; milli += 7) {
    const std::uint64_t weight = cpu_weight(milli);
    if (weight < before || weight > 10'000) BOOST_FAIL("cpu_weight(" << milli << ") = " << weight);
    before = weight;
  }
}

struct High {
  Amount request;
  std::int64_t limit;
  std::optional<double> factor;
  std::optional<std::uint64_t> want;
};

BOOST_AUTO_TEST_CASE(memory_high_by_kep_2570) {
  const High rows[] = {
      // floor((50 + 0.9 · (100 − 50)) / page) · page, in pages of 4 KiB and in Mi
      {50 * 4096, 100 * 4096, 0.9, 95 * 4096},
      {500 * mi, 1000 * mi, 0.8, 900 * mi},
      {none, 1000 * mi, 0.9, 900 * mi},
      {0, 1000 * mi, 0.9, 900 * mi},
      {0, gi, 0.9, 966'365'184},  // 966,367,641.6 rounded down to a page
      {500 * mi, 1000 * mi, 1.0, 1000 * mi},
      {1000 * mi, 1000 * mi, 0.9, none},
      {500 * mi, 1000 * mi, none, none},
      {1, 4097, 0.5, 0},
  };
  for (const High& row : rows) BOOST_TEST_CONTEXT(row.request.value_or(-1) << " of " << row.limit)
  BOOST_TEST((memory_high(row.request, row.limit, {row.factor, 4096}) == row.want));
}

BOOST_AUTO_TEST_CASE(memory_high_is_a_multiple_of_the_node_s_page) {
  BOOST_TEST(*memory_high(0, gi, {0.9, 65'536}) == 966'328'320U);
}

BOOST_AUTO_TEST_CASE(container_without_resources_gets_the_least_weight_and_no_limit) {
  BOOST_TEST((container_values({}, {0.9, 4096}) == CgroupValues{1, none, none, none}));
}

BOOST_AUTO_TEST_CASE(container_values_follow_the_request) {
  const CgroupValues v = container_values(resources(1000, 1000 * mi, 100, 500 * mi), {0.9, 4096});
  BOOST_TEST(*v.cpu_weight == 17U);
  BOOST_TEST(*v.cpu_quota_usec == 100'000U);
  BOOST_TEST(*v.memory_max == 1000U * mi);
  BOOST_TEST(*v.memory_high == 950U * mi);
}

BOOST_AUTO_TEST_CASE(absent_requests_of_a_container_are_its_limits) {
  const CgroupValues v = container_values(resources(1000, gi, none, none), {0.9, 4096});
  BOOST_TEST(*v.cpu_weight == 100U);
  BOOST_TEST(*v.memory_max == 1U * gi);
  BOOST_TEST(!v.memory_high);
}

BOOST_AUTO_TEST_CASE(zero_limits_are_none) {
  BOOST_TEST(
      (container_values(resources(0, 0, none, none), {0.9, 4096}) == CgroupValues{1, none, none, none}));
}

BOOST_AUTO_TEST_CASE(no_memory_high_unless_configured) {
  BOOST_TEST(!container_values(resources(none, gi, none, mi), {}).memory_high);
}

}  // namespace
}  // namespace podsd::policies
