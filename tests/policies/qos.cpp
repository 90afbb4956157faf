// SPDX-License-Identifier: Apache-2.0
#include "policies/qos.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/policies/pods.hpp"

namespace podsd::policies {
namespace {

using namespace podsd::tests;

struct Row {
  const char* what;
  spec::Pod pod;
  const char* qos;
};

const spec::Resources nothing;
const spec::Resources guaranteed = resources(700, 200 * mi, 700, 200 * mi);
const spec::Resources limits_only = resources(700, 200 * mi, none, none);
const spec::Resources burstable = resources(none, 200 * mi, none, 100 * mi);

const Row rows[] = {
    {"nothing asked", pod({nothing}), "BestEffort"},
    {"nothing asked by two and an init container", pod({nothing, nothing}, {nothing}), "BestEffort"},
    {"zero is nothing", pod({resources(0, 0, 0, 0)}), "BestEffort"},
    {"requests are limits", pod({guaranteed}), "Guaranteed"},
    {"requests default to limits", pod({limits_only}), "Guaranteed"},
    {"one request of two defaults", pod({resources(700, 200 * mi, 700, none)}), "Guaranteed"},
    {"two of the first kind", pod({guaranteed, limits_only}), "Guaranteed"},
    {"init containers too", pod({guaranteed}, {guaranteed}), "Guaranteed"},
    {"an init container without limits", pod({guaranteed}, {nothing}), "Burstable"},
    {"only an init container asks", pod({nothing}, {guaranteed}), "Burstable"},
    {"one container of two without limits", pod({guaranteed, nothing}), "Burstable"},
    {"memory request below its limit", pod({resources(700, 200 * mi, 700, 100 * mi)}), "Burstable"},
    {"cpu request below its limit", pod({resources(700, 200 * mi, 100, 200 * mi)}), "Burstable"},
    {"memory only", pod({burstable}), "Burstable"},
    {"memory limit only", pod({resources(none, 200 * mi, none, none)}), "Burstable"},
    {"cpu limit only", pod({resources(700, none, none, none)}), "Burstable"},
    {"cpu request only", pod({resources(none, none, 1, none)}), "Burstable"},
    {"memory request only", pod({resources(none, none, none, 1)}), "Burstable"},
    {"both requests without limits", pod({resources(none, none, 700, 200 * mi)}), "Burstable"},
    {"a zero limit is no limit", pod({resources(0, 200 * mi, 0, 200 * mi)}), "Burstable"},
    {"a zero request is not the limit", pod({resources(700, 200 * mi, 0, 200 * mi)}), "Burstable"},
};

BOOST_AUTO_TEST_CASE(qos_class_of_pods) {
  for (const Row& row : rows)
    BOOST_TEST_CONTEXT(row.what) BOOST_TEST(to_string(qos_class(row.pod)) == row.qos);
}

}  // namespace
}  // namespace podsd::policies
