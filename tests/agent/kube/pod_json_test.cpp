// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE kube
#include "agent/kube/pod_json.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace {

using namespace podsd;

constexpr units::Instant noon = 1'714'564'800'000'000;  // 2024-05-01T12:00:00Z
constexpr units::Instant second = 1'000'000;

/// Compares with golden/NAME.json; PODSD_UPDATE_GOLDEN=1 writes it anew.
void check_golden(const std::string& name, const nlohmann::ordered_json& got) {
  const std::string path = std::string(GOLDEN_DIR) + "/" + name + ".json";
  if (std::getenv("PODSD_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << got.dump(2) << "\n";
  std::ifstream file(path);
  BOOST_REQUIRE_MESSAGE(file, "cannot read " << path);
  std::ostringstream want;
  want << file.rdbuf();
  BOOST_CHECK_EQUAL(got.dump(2) + "\n", want.str());
}

spec::Container nginx() {
  spec::Container c;
  c.name = "nginx";
  c.image = "localhost/nginx:1";
  c.command = {"/bin/sh", "-c"};
  c.args = {"exec nginx -g 'daemon off;'"};
  c.env = {{"MODE", "a\nb"}, {"EMPTY", ""}};
  c.working_dir = "/srv";
  c.resources.limits = {1000, 64 << 20};
  c.resources.requests = {250, 1'000'000'000};
  c.volume_mounts = {{"data", "/data", false}, {"etc", "/host", true}};
  c.ports = {{"http", 80, "TCP"}, {"", 53, "UDP"}};
  c.security = {101, 0, true, false};
  return c;
}

spec::Pod full_pod() {
  spec::Pod pod;
  pod.name = "web";
  pod.ns = "team-a";
  pod.uid = "6f1b0b1e-8d59-4b52-9d8b-6f2c8c3a1e10";
  pod.labels = {{"app", "web"}, {"app.kubernetes.io/name", "w"}};
  pod.annotations = {{"note", "grüße"}};
  spec::Container init;
  init.name = "init";
  init.image = "localhost/busybox:1";
  init.image_pull_policy = spec::PullPolicy::never;
  pod.init_containers = {init};
  pod.containers = {nginx()};
  pod.volumes = {{"data", spec::EmptyDir{true, 1 << 20}},
                 {"scratch", spec::EmptyDir{}},
                 {"etc", spec::HostPath{"/etc", spec::HostPathType::directory}},
                 {"any", spec::HostPath{"/any", spec::HostPathType::unset}}};
  pod.restart_policy = spec::RestartPolicy::on_failure;
  pod.termination_grace_period_seconds = 5;
  pod.host_network = true;
  pod.names = {spec::DnsPolicy::cluster_first_with_host_net,
               {{"192.0.2.1"}, {"a.example", "."}, {{"ndots", "2"}, {"edns0", {}}}},
               {{"192.0.2.7", {"db", "db.example"}}},
               "w1",
               "web",
               true};
  return pod;
}

units::ContainerStatus crashed() {
  units::ContainerStatus c;
  c.name = "nginx";
  c.image = "localhost/nginx:1";
  c.image_id = "sha256:00";
  c.container_id = "podsd://u/nginx/4";
  c.unit = "pods-team_a:web-nginx.scope";
  c.restart_count = 3;
  c.state.reason = "CrashLoopBackOff";
  c.state.message = "back-off 20s restarting failed container";
  c.last_state =
      units::Terminated{137, 9, "OOMKilled", "", noon + second, noon + 2 * second, "podsd://u/nginx/3"};
  return c;
}

units::PodStatus full_status() {
  units::PodStatus status;
  status.phase = units::Phase::running;
  status.qos_class = "Burstable";
  status.host_ip = "192.0.2.1";
  status.pod_ips = {"192.0.2.1", "fd00::2"};
  status.start_time = noon + 999'999;
  status.conditions = {{"Initialized", true, noon, "", ""},
                       {"Ready", false, noon + second, "ContainersNotReady", "containers not ready: nginx"}};
  units::ContainerStatus init;
  init.name = "init";
  init.image = "localhost/busybox:1";
  init.state.kind = units::ContainerState::Kind::terminated;
  init.state.terminated = units::Terminated{0, 0, "Completed", "", noon, noon + second, "podsd://u/init/0"};
  status.init_containers = {init};
  units::ContainerStatus running;
  running.name = "side";
  running.ready = running.started = true;
  running.pid = 4711;
  running.state.kind = units::ContainerState::Kind::running;
  running.state.started_at = noon + 3 * second;
  status.containers = {crashed(), running};
  return status;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_pod_with_everything) {
  check_golden("full", kube::pod_json(full_pod(), full_status()));
}

BOOST_AUTO_TEST_CASE(a_pod_just_seen) {
  spec::Pod pod;
  pod.name = "new";
  pod.containers.resize(1);
  pod.containers[0].name = "a";
  pod.containers[0].image = "localhost/a:1";
  check_golden("minimal", kube::pod_json(pod, units::PodStatus{}));
}

BOOST_AUTO_TEST_CASE(a_failed_pod_says_why) {
  units::PodStatus status;
  status.phase = units::Phase::failed;
  status.reason = "Evicted";
  status.message = "no room";
  const auto json = kube::pod_json(spec::Pod{}, status);
  BOOST_CHECK_EQUAL(json["status"]["phase"], "Failed");
  BOOST_CHECK_EQUAL(json["status"]["reason"], "Evicted");
  BOOST_CHECK_EQUAL(json["status"]["message"], "no room");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_can_be_dumped) {
  const std::string bad = "a\xff\xc0\xaf\xed\xa0\x80z";
  spec::Pod pod = full_pod();
  pod.name = pod.ns = pod.uid = pod.names.hostname = bad;
  pod.names.dns = {{bad}, {bad}, {{bad, bad}}};
  pod.names.host_aliases = {{bad, {bad}}};
  pod.labels = pod.annotations = {{bad, bad}};
  spec::Container& c = pod.containers[0];
  c.name = c.image = c.working_dir = bad;
  c.command = c.args = {bad};
  c.env = {{bad, bad}};
  c.volume_mounts = {{bad, bad, false}};
  c.ports = {{bad, 1, bad}};
  pod.volumes = {{bad, spec::HostPath{bad, spec::HostPathType::unset}}};
  units::PodStatus status = full_status();
  status.reason = status.message = status.qos_class = status.host_ip = bad;
  status.pod_ips = {bad};
  status.conditions = {{bad, true, 0, bad, bad}};
  units::ContainerStatus& s = status.containers[0];
  s.name = s.image = s.image_id = s.container_id = s.unit = s.state.reason = s.state.message = bad;
  s.last_state = units::Terminated{1, 0, bad, bad, 0, 0, bad};
  std::string text;
  BOOST_REQUIRE_NO_THROW(text = kube::pod_json(pod, status).dump());
  BOOST_CHECK(text.find('\xff') == std::string::npos);
}
