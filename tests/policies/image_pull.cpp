// SPDX-License-Identifier: Apache-2.0
#include "policies/image_pull.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

namespace podsd::policies {
namespace {

using spec::PullPolicy;

BOOST_AUTO_TEST_CASE(what_a_start_does) {
  struct Row {
    PullPolicy policy;
    bool present, pulled;
    ImageStep step;
  };
  const Row rows[] = {
      {PullPolicy::always, false, false, ImageStep::pull},
      {PullPolicy::always, true, false, ImageStep::pull},
      {PullPolicy::always, true, true, ImageStep::use},
      {PullPolicy::if_not_present, false, false, ImageStep::pull},
      {PullPolicy::if_not_present, true, false, ImageStep::use},
      {PullPolicy::if_not_present, true, true, ImageStep::use},
      {PullPolicy::if_not_present, false, true, ImageStep::pull},  // removed meanwhile
      {PullPolicy::never, false, false, ImageStep::never},
      {PullPolicy::never, true, false, ImageStep::use},
  };
  for (const Row& r : rows) BOOST_TEST((image_step(r.policy, r.present, r.pulled) == r.step));
}

std::vector<double> waits(const BackoffConfig& config, int pulls) {
  std::vector<double> out;
  Backoff memory;
  for (int i = 0; i < pulls; ++i) {
    const Delay d = pull_delay(memory, config);
    out.push_back(static_cast<double>(d.usec) / 1'000'000);
    memory = d.next;
  }
  return out;
}

BOOST_AUTO_TEST_CASE(kubelet_s_waits) {
  const std::vector<double> want{10, 20, 40, 80, 160, 300, 300};
  BOOST_TEST(waits({}, 7) == want, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(configured_waits) {
  const std::vector<double> want{0.5, 1.5, 2, 2};
  BOOST_TEST(waits({.first_usec = 500'000, .factor = 3, .cap_usec = 2'000'000}, 4) == want,
             boost::test_tools::per_element());
}

}  // namespace
}  // namespace podsd::policies
