// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "policies/restart.hpp"

namespace podsd::policies {
namespace {

using spec::RestartPolicy;

BOOST_AUTO_TEST_CASE(who_is_started_again) {
  struct Row {
    RestartPolicy policy;
    bool init;
    int exit_code;
    bool want;
  };
  const Row rows[] = {
      {RestartPolicy::always, false, 0, true},      {RestartPolicy::always, false, 1, true},
      {RestartPolicy::always, true, 0, false},      {RestartPolicy::always, true, 1, true},
      {RestartPolicy::on_failure, false, 0, false}, {RestartPolicy::on_failure, false, 137, true},
      {RestartPolicy::on_failure, true, 0, false},  {RestartPolicy::on_failure, true, 2, true},
      {RestartPolicy::never, false, 0, false},      {RestartPolicy::never, false, 1, false},
      {RestartPolicy::never, true, 0, false},       {RestartPolicy::never, true, 1, false},
  };
  for (const Row& r : rows)
    BOOST_TEST_CONTEXT(static_cast<int>(r.policy) << " init " << r.init << " exit " << r.exit_code)
  BOOST_TEST(restarts(r.policy, r.init, r.exit_code) == r.want);
}

constexpr Progress waiting = Progress::waiting;
constexpr Progress running = Progress::running;
constexpr Progress restarting = Progress::restarting;
constexpr Progress succeeded = Progress::succeeded;
constexpr Progress failed = Progress::failed;

struct Case {
  const char* what;
  std::vector<Progress> init;
  std::vector<Progress> containers;
  PodPhase want;
};

// As the kubelet's getPhase counts them.
const Case cases[] = {
    {"nothing yet", {}, {waiting}, PodPhase::pending},
    {"running", {}, {running}, PodPhase::running},
    {"two running", {}, {running, running}, PodPhase::running},
    {"one not yet", {}, {running, waiting}, PodPhase::pending},
    {"one ended, one not yet", {}, {succeeded, waiting}, PodPhase::pending},
    {"crash loop", {}, {restarting}, PodPhase::running},
    {"one ended, one in a crash loop", {}, {succeeded, restarting}, PodPhase::running},
    {"one failed, one runs", {}, {failed, running}, PodPhase::running},
    {"one succeeded, one runs", {}, {succeeded, running}, PodPhase::running},
    {"all succeeded", {}, {succeeded, succeeded}, PodPhase::succeeded},
    {"all failed", {}, {failed, failed}, PodPhase::failed},
    {"one of two failed", {}, {succeeded, failed}, PodPhase::failed},
    {"init not yet", {waiting}, {waiting}, PodPhase::pending},
    {"init runs", {running}, {waiting}, PodPhase::pending},
    {"init retries", {restarting}, {waiting}, PodPhase::pending},
    {"second init runs", {succeeded, running}, {waiting}, PodPhase::pending},
    {"init failed for good", {succeeded, failed}, {waiting}, PodPhase::failed},
    {"init runs again after a lost sandbox", {running}, {restarting}, PodPhase::pending},
    {"init done", {succeeded}, {running}, PodPhase::running},
    {"init done, containers too", {succeeded}, {succeeded}, PodPhase::succeeded},
};

BOOST_AUTO_TEST_CASE(phase_of_pods) {
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.what) BOOST_TEST((phase(c.init, c.containers) == c.want));
}

}  // namespace
}  // namespace podsd::policies
