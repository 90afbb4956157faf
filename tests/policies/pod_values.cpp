// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>
#include <limits>

#include "policies/cgroup.hpp"
#include "tests/policies/pods.hpp"

namespace podsd::policies {
namespace {

using namespace podsd::tests;

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

struct Request {
  const char* what;
  spec::Pod pod;
  spec::ResourceList want;
};

BOOST_AUTO_TEST_CASE(pod_request_is_the_larger_of_init_maximum_and_sum) {
  const auto asks = [](Amount cpu, Amount memory) { return resources(none, none, cpu, memory); };
  const Request rows[] = {
      {"nothing", pod({{}}), {none, none}},
      {"zero is nothing", pod({asks(0, 0)}), {none, none}},
      {"one", pod({asks(100, mi)}), {100, mi}},
      {"sum", pod({asks(100, mi), asks(200, 2 * mi)}), {300, 3 * mi}},
      {"sum where one asks nothing", pod({asks(100, none), asks(none, mi)}), {100, mi}},
      {"init below the sum", pod({asks(100, mi), asks(200, 2 * mi)}, {asks(250, mi)}), {300, 3 * mi}},
      {"init above the sum", pod({asks(100, mi)}, {asks(400, none), asks(300, 5 * mi)}), {400, 5 * mi}},
      {"each resource on its own", pod({asks(100, 9 * mi)}, {asks(400, mi)}), {400, 9 * mi}},
      {"only init asks", pod({{}}, {asks(400, mi)}), {400, mi}},
      {"limits stand in", pod({resources(100, mi, none, none), resources(200, none, 50, none)}), {150, mi}},
      {"no overflow", pod({asks(largest, largest), asks(largest, largest)}), {largest, largest}},
  };
  for (const Request& row : rows)
    BOOST_TEST_CONTEXT(row.what) BOOST_TEST((pod_requests(row.pod) == row.want));
}

struct Limits {
  const char* what;
  spec::Pod pod;
  std::optional<std::uint64_t> quota;
  std::optional<std::uint64_t> memory;
};

BOOST_AUTO_TEST_CASE(pod_has_a_limit_only_if_every_container_has_one) {
  const auto has = [](Amount cpu, Amount memory) { return resources(cpu, memory, none, none); };
  constexpr std::uint64_t overhead = sandbox_overhead_bytes;
  const Limits rows[] = {
      {"nothing", pod({{}}), none, none},
      {"one", pod({has(500, 64 * mi)}), 50'000, 64 * mi + overhead},
      {"sum", pod({has(500, 64 * mi), has(250, mi)}), 75'000, 65 * mi + overhead},
      {"one without cpu", pod({has(500, 64 * mi), has(none, mi)}), none, 65 * mi + overhead},
      {"one without memory", pod({has(500, 64 * mi), has(250, none)}), 75'000, none},
      {"one with zero", pod({has(500, 64 * mi), has(0, 0)}), none, none},
      {"init without", pod({has(500, 64 * mi)}, {{}}), none, none},
      {"init below the sum", pod({has(500, 64 * mi)}, {has(100, mi)}), 50'000, 64 * mi + overhead},
      {"init above the sum", pod({has(500, 64 * mi)}, {has(900, 99 * mi)}), 90'000, 99 * mi + overhead},
      {"only init", pod({{}}, {has(900, 99 * mi)}), none, none},
  };
  for (const Limits& row : rows) BOOST_TEST_CONTEXT(row.what) {
      const CgroupValues v = pod_values(row.pod);
      BOOST_TEST((v.cpu_quota_usec == row.quota));
      BOOST_TEST((v.memory_max == row.memory));
      BOOST_TEST(!v.memory_high);
    }
}

BOOST_AUTO_TEST_CASE(absurd_pod_limits_do_not_wrap) {
  const spec::Resources huge = resources(largest, largest, none, none);
  const CgroupValues v = pod_values(pod({huge, huge}));
  BOOST_TEST(*v.memory_max == static_cast<std::uint64_t>(largest));
  BOOST_TEST(*v.cpu_quota_usec >= cpu_quota_usec(1'000'000));
  BOOST_TEST(*v.cpu_weight == 10'000U);
}

BOOST_AUTO_TEST_CASE(pod_weight_follows_its_request) {
  BOOST_TEST(*pod_values(pod({{}})).cpu_weight == 1U);
  BOOST_TEST(
      *pod_values(pod({resources(none, none, 400, none), resources(none, none, 600, none)})).cpu_weight ==
      100U);
}

}  // namespace
}  // namespace podsd::policies
