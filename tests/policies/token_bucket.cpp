// SPDX-License-Identifier: Apache-2.0
#include "policies/token_bucket.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::policies {

BOOST_AUTO_TEST_SUITE(token_buckets)

BOOST_AUTO_TEST_CASE(follow_the_rate) {
  BOOST_TEST((token_bucket(80'000'000, 1500) == TokenBucket{10'000'000, 200'000, 1'200'000}));
}

BOOST_AUTO_TEST_CASE(let_packets_pass_however_slow) {
  BOOST_TEST((token_bucket(1000, 1500) == TokenBucket{125, 4 * 1518, 20 * 1518}));
}

BOOST_AUTO_TEST_CASE(fit_the_kernels_fields) {
  BOOST_TEST(
      (token_bucket(1'000'000'000'000'000, 65535) == TokenBucket{125'000'000'000'000, 1U << 30, 2U << 30}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::policies
