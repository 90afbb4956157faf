// SPDX-License-Identifier: Apache-2.0
// From a pod to what the engine is asked for.
#include <boost/test/unit_test.hpp>

#include "agent/pod_view.hpp"
#include "units/step.hpp"

using namespace podsd;
using namespace podsd::agent;

namespace {

units::State state_with(spec::Volume volume, std::optional<std::int64_t> memory_limit) {
  spec::Pod pod;
  pod.name = "my-app";
  pod.ns = "team-a";
  pod.containers.resize(1);
  pod.containers[0].name = "c";
  pod.containers[0].resources.limits.memory_bytes = memory_limit;
  pod.containers[0].volume_mounts = {{volume.name, "/v", true}};
  pod.volumes = {std::move(volume)};
  return units::begin(std::move(pod), {});
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_sandbox_is_named_by_its_slice) {
  const auto spec = sandbox_spec(state_with({"v", spec::EmptyDir{}}, {}), true);
  BOOST_TEST(spec.id == "pods-team_a:my_app");
  BOOST_TEST(spec.hostname == "my-app");
  BOOST_TEST(spec.volumes.size() == 1U);
  BOOST_TEST(!spec.volumes[0].memory);
}

BOOST_AUTO_TEST_CASE(a_pod_is_named_after_itself) {
  units::State state = state_with({"v", spec::EmptyDir{}}, {});
  state.pod.name = std::string(62, 'a') + ".bc";
  BOOST_TEST(sandbox_spec(state, true).hostname == std::string(62, 'a'));
  state.pod.names.subdomain = "db";
  state.pod.names.hostname = "db-0";
  BOOST_TEST(sandbox_spec(state, true).hostname == "db-0");
  BOOST_TEST(sandbox_spec(state, true).domain == "db.team-a.svc.cluster.local");
  state.pod.names.hostname_as_fqdn = true;
  BOOST_TEST(sandbox_spec(state, true).hostname == "db-0.db.team-a.svc.cluster.local");
  BOOST_TEST(sandbox_spec(state, true).short_hostname == "db-0");
}

BOOST_AUTO_TEST_CASE(a_memory_volume_is_bounded_by_the_smaller_of_its_limit_and_the_pods) {
  const spec::Volume limited{"v", spec::EmptyDir{true, 100}};
  BOOST_TEST(sandbox_spec(state_with(limited, 50), true).volumes[0].size == 50U);
  BOOST_TEST(sandbox_spec(state_with(limited, 500), true).volumes[0].size == 100U);
  BOOST_TEST(sandbox_spec(state_with(limited, {}), true).volumes[0].size == 100U);
  BOOST_TEST(sandbox_spec(state_with({"v", spec::EmptyDir{true, {}}}, {}), true).volumes[0].size == 0U);
}

BOOST_AUTO_TEST_CASE(mounts_name_a_volume_or_a_path) {
  const auto empty = container_spec(state_with({"v", spec::EmptyDir{}}, {}), "c", 2);
  BOOST_TEST(empty.attempt == 2U);
  BOOST_TEST((empty.mounts.at(0).kind == engine::Mount::Kind::volume));
  BOOST_TEST(empty.mounts.at(0).source == "v");
  BOOST_TEST(empty.mounts.at(0).read_only);
  const auto host =
      container_spec(state_with({"v", spec::HostPath{"/srv", spec::HostPathType::directory}}, {}), "c", 1);
  BOOST_TEST((host.mounts.at(0).kind == engine::Mount::Kind::host_path));
  BOOST_TEST(host.mounts.at(0).source == "/srv");
}
