// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>
#include <limits>

#include "policies/cgroup.hpp"
#include "tests/policies/pods.hpp"

namespace podsd::policies {
namespace {

using namespace podsd::tests;

constexpr std::int64_t capacity = 8'000'000'000;

struct Row {
  const char* what;
  spec::Pod pod;
  int want;
};

BOOST_AUTO_TEST_CASE(oom_score_adj_of_the_first_container) {
  const auto asks = [](Amount memory) { return pod({resources(none, none, none, memory)}); };
  const Row rows[] = {
      {"best effort", pod({{}}), 1000},
      {"guaranteed", pod({resources(100, mi, none, none)}), -997},
      {"guaranteed, half of the node", pod({resources(100, capacity / 2, none, none)}), -997},
      {"cpu only", pod({resources(100, none, none, none)}), 999},
      {"tiny", asks(1), 999},
      {"half", asks(capacity / 2), 500},
      {"a third is rounded as the kubelet does", asks(capacity / 3), 667},
      {"just less than all", asks(capacity - 1), 3},
      {"all", asks(capacity), 3},
      {"more than there is", asks(std::numeric_limits<std::int64_t>::max()), 3},
      {"a limit stands in for the request", pod({resources(none, capacity / 2, none, none)}), 500},
      {"nothing, beside one that asks", pod({{}, resources(none, none, none, mi)}), 999},
  };
  for (const Row& row : rows) BOOST_TEST_CONTEXT(row.what)
  BOOST_TEST(oom_score_adj(row.pod, row.pod.containers[0], capacity) == row.want);
}

}  // namespace
}  // namespace podsd::policies
