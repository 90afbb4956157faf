// SPDX-License-Identifier: Apache-2.0
// What an agent keeps, the next one reads.
#include <boost/test/unit_test.hpp>

#include "agent/state_json.hpp"
#include "spec/manifest.hpp"
#include "units/step.hpp"

using namespace podsd;
using namespace podsd::agent;

namespace {

constexpr const char* manifest = R"(apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, uid: 11-22, labels: {app: web}, annotations: {note: "a\nb: \"c\" # d"}}
spec:
  hostNetwork: true
  hostname: box
  subdomain: boxes
  setHostnameAsFQDN: true
  hostAliases: [{ip: 192.0.2.7, hostnames: [db, db.example]}]
  dnsPolicy: None
  dnsConfig: {nameservers: [192.0.2.1], searches: [a, "."], options: [{name: ndots, value: "2"}, {name: edns0}, {name: x, value: ""}]}
  restartPolicy: OnFailure
  terminationGracePeriodSeconds: 7
  initContainers:
  - {name: prepare, image: "a:1", command: [sh, -c, "echo $(X) ' \\ "], env: [{name: X, value: "1"}]}
  containers:
  - name: main
    image: b:2
    imagePullPolicy: Never
    args: ["", "- x", "null", "0x10"]
    workingDir: /srv
    ports: [{name: http, containerPort: 80, protocol: UDP}]
    resources: {limits: {cpu: 1500m, memory: 100M}, requests: {cpu: 1m, memory: "1"}}
    securityContext: {runAsUser: 5, runAsGroup: 6, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false}
    volumeMounts: [{name: v, mountPath: /v, readOnly: true}, {name: h, mountPath: /h}, {name: m, mountPath: /m}]
  volumes:
  - {name: v, emptyDir: {}}
  - {name: m, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
  - {name: h, hostPath: {path: /srv, type: DirectoryOrCreate}}
)";

spec::Pod sample() {
  spec::Manifest m = spec::parse_manifest(manifest, "m");
  for (const auto& d : m.diagnostics) BOOST_TEST_MESSAGE(d.text());
  BOOST_REQUIRE(m.pods.size() == 1U);
  return m.pods.front();
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_field_of_a_pod_comes_back) {
  Kept kept{units::begin(sample(), {}), "/etc/pods.d/web.yaml"};
  kept.state.next = sample();
  kept.state.next->labels["app"] = "other";
  const auto back = from_json(to_json(kept), {});
  const std::string problem = back ? "" : back.error().message();
  BOOST_REQUIRE_EQUAL(problem, "");
  BOOST_TEST((back->state.pod == kept.state.pod));
  BOOST_TEST((back->state.next == kept.state.next));
  BOOST_TEST((back->state.plan == kept.state.plan));
  BOOST_TEST(back->manifest == kept.manifest);
}

BOOST_AUTO_TEST_CASE(a_running_pod_comes_back) {
  units::State s = units::begin(sample(), {});
  s = units::step(std::move(s), units::ManifestApplied{sample()}, 1'000'000).next;
  s = units::step(std::move(s), units::SandboxUp{}, 2'000'000).next;
  s = units::step(std::move(s), units::ContainerUp{"prepare", 1, 77, "sha256:x"}, 3'000'000).next;
  s = units::step(std::move(s), units::ContainerDown{"prepare", 1, {.exit_code = 3}, 4'000'000}, 4'000'000)
          .next;
  s = units::step(std::move(s), units::ManifestRefused{"bad"}, 5'000'000).next;
  const auto back = from_json(to_json({s, "f"}), {});
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST((back->state.containers == s.containers));
  BOOST_TEST((back->state.conditions == s.conditions));
  BOOST_TEST((units::status(back->state) == units::status(s)));
  BOOST_TEST((back->state.stage == s.stage));
  BOOST_TEST(!s.applied.empty());
  BOOST_TEST(units::diff(back->state.plan, back->state.applied).empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_state_is_an_error) {
  BOOST_TEST(!from_json("", {}).has_value());
  BOOST_TEST(!from_json("{}", {}).has_value());
  BOOST_TEST(!from_json(R"({"format": 99})", {}).has_value());
  BOOST_TEST(!from_json(R"({"format": 1, "manifest": "x", "pod": "kind: Nothing"})", {}).has_value());
}
